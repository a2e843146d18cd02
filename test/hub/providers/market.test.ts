import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { providerKinds } from "#hub/providers/index.ts";
import { createProviderMarket, type ProviderMarket } from "#hub/providers/market.ts";
import { openOwnProvider } from "#hub/providers/own-provider.ts";
import { createProviderAccounts, type ProviderAccounts } from "#hub/providers/provider-accounts.ts";
import { type Database, openDatabase } from "#hub/store/database.ts";
import { migrate } from "#hub/store/migrate.ts";
import { createProviderAccountStore } from "#hub/store/provider-accounts.ts";
import { createProviderChoices } from "#hub/store/provider-choices.ts";

const local = { root: "/nowhere", portRange: { from: 1000, to: 1010 }, modulesDirectory: "/m", agentCommand: ["a"] };
const container = { mode: "container", image: "vps" };

let db: Database;
let accounts: ProviderAccounts;
let changed: string[];
beforeEach(async () => {
  db = openDatabase(":memory:");
  await migrate(db);
  changed = [];
  accounts = createProviderAccounts({
    ...{ kinds: providerKinds, store: createProviderAccountStore(db), sealingKey: randomBytes(32), now: Date.now },
    toolsFor: () => ({ endpoint: "http://127.0.0.1:9", now: Date.now, sleep: async () => undefined }),
    onChanged: (name) => changed.push(name),
  });
});
afterEach(() => db.destroy());

const marketWith = async (settings?: Record<string, unknown>): Promise<ProviderMarket> =>
  createProviderMarket({
    ...{ kinds: providerKinds, accounts, choices: createProviderChoices(db) },
    own: await openOwnProvider({ providers: settings === undefined ? {} : { local: settings } }),
  });
const enable = (name: string, weight: number, enabled = true) =>
  accounts.change(name, { enabled, weight, credentials: { token: `token of ${name}` } }, "op@example.org");

describe("the provider local", () => {
  test("gets all orders while it is alone, and its share beside accounts", async () => {
    const market = await marketWith(local);
    expect((await market.choose("job_0"))?.name).toBe("local");
    expect((await market.choose("job_1"))?.name).toBe("local");
    await enable("hetzner", 30);
    const chosen: (string | undefined)[] = [];
    for (let job = 2; job < 42; job++) chosen.push((await market.choose(`job_${job}`))?.name);
    expect(chosen.filter((name) => name === "local")).toHaveLength(10);
    expect(chosen.filter((name) => name === "hetzner")).toHaveLength(30);
  });

  test("gets none with a weight of 0, and is there all the same", async () => {
    const market = await marketWith({ ...local, weight: 0 });
    expect(await market.choose("job_a")).toBeUndefined();
    expect(await market.offers()).toEqual([{ provider: "local", weight: 0 }]);
    expect((await market.open("local")).name).toBe("local");
    expect(await market.names()).toEqual(["local"]);
  });

  test("is not there when it is not configured, and says what is wrong with its settings", async () => {
    const market = await marketWith();
    expect([await market.offers(), await market.names(), await market.all()]).toEqual([[], [], []]);
    await expect(market.open("local")).rejects.toMatchObject({ code: "not_found" });
    for (const wrong of [
      { ...local, weight: -1 },
      { ...container, weight: 1.5 },
      { ...local, wait: 1 },
    ]) {
      await expect(openOwnProvider({ providers: { local: wrong } })).rejects.toThrow(/provider local/);
    }
  });
});

test("sizes are called as each provider calls them", async () => {
  const market = await marketWith(container);
  expect(market.sizeOf("local", "t2")).toBe("t2");
  expect((await marketWith(local)).sizeOf("local", "t2")).toBeUndefined();
  expect(market.sizeOf("hetzner", "t2")).toBe("cx33");
  expect(() => market.sizeOf("no-such", "t1")).toThrow(/no-such/);
});

test("all with credentials can be reached, also those that get no orders; a change of any is told", async () => {
  const market = await marketWith(container);
  await enable("hetzner", 10);
  await enable("linode", 10, false);
  expect((await market.names()).sort()).toEqual(["hetzner", "linode", "local"]);
  expect((await market.all()).map(({ name }) => name).sort()).toEqual(["hetzner", "linode", "local"]);
  expect((await market.offers()).map(({ provider }) => provider).sort()).toEqual(["hetzner", "local"]);
  expect(changed).toEqual(["hetzner", "linode"]);
});

test("a job keeps its provider when that gets no orders any more", async () => {
  const market = await marketWith();
  await enable("hetzner", 10);
  expect((await market.choose("job_a"))?.name).toBe("hetzner");
  await enable("hetzner", 10, false);
  await enable("digitalocean", 10);
  expect((await market.choose("job_a"))?.name).toBe("hetzner");
  expect((await market.choose("job_b"))?.name).toBe("digitalocean");
  await market.passOver("job_a", "hetzner");
  expect((await market.choose("job_a"))?.name).toBe("digitalocean");
  expect(await market.asked("job_a")).toEqual(["hetzner", "digitalocean"]);
});
