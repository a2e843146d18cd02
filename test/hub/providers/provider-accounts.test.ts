import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSecrets } from "#hub/private-files.ts";
import { providerKinds } from "#hub/providers/index.ts";
import { createProviderAccounts } from "#hub/providers/provider-accounts.ts";
import { createProviderAccountStore } from "#hub/store/provider-accounts.ts";
import { ProvidersView, ProviderView } from "#shared/api/providers.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { startHetzner } from "#test/simulators/hetzner.ts";
import type { SimulatedVendor } from "#test/simulators/simulated-vendor.ts";
import type { TestClient } from "../test-client.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";

describe.skipIf(!hasContracts())(hasContracts() ? "accounts at providers" : NO_CONTRACTS, () => {
  let hub: TestHub;
  let hetzner: SimulatedVendor;
  let operator: TestClient;
  beforeAll(async () => {
    hetzner = await startHetzner();
    hub = await startTestHub({}, undefined, { vendorEndpoints: { hetzner: `${hetzner.url}/v1` } });
    operator = await hub.operator();
  });
  afterAll(async () => {
    await hub.stop();
    await hetzner.stop();
  });

  const view = async (name: string) => {
    const { providers } = ProvidersView.parse((await operator.get("/api/providers")).body);
    return ProviderView.parse(providers.find((one) => one.name === name));
  };
  const put = (name: string, input: object) => operator.put(`/api/providers/${name}`, input);
  const auditOf = async (action: string) => {
    const lines = await hub.db.selectFrom("audit").selectAll().where("action", "=", action).execute();
    return lines.map(({ subject, actor, details_json }) => ({ subject, actor, details: JSON.parse(details_json) }));
  };

  test("are empty at first, with what each has to be told and the usual weights", async () => {
    expect(await view("hetzner")).toEqual({
      ...{ name: "hetzner", title: "Hetzner Cloud", enabled: false, configured: false, weight: 40 },
      form: [{ name: "token", secret: true, required: true }],
      ...{ credentials: {}, secrets: [], defaultRegion: "fsn1", lacks: [] },
      defaultSizes: { t1: "cx23", t2: "cx33", t3: "cx43" },
    });
    expect((await view("digitalocean")).weight).toBe(20);
    expect((await view("linode")).weight).toBe(20);
  });

  test("cannot be used, or checked, before there are credentials", async () => {
    expect(await put("hetzner", { enabled: true, weight: 40 })).toMatchObject({
      status: 409,
      body: { code: "conflict" },
    });
    expect(await operator.post("/api/providers/hetzner/check")).toMatchObject({ status: 409 });
  });

  test("keep their secrets: in no answer, no audit and no file but sealed", async () => {
    const token = String(hetzner.credentials.token);
    const answer = await put("hetzner", { enabled: true, weight: 60, credentials: { token } });
    expect(answer).toMatchObject({ status: 200, body: { enabled: true, weight: 60, secrets: ["token"] } });
    const { dataDirectory } = hub.config;
    const files = ["hub.sqlite", "hub.sqlite-wal"].map((name) => readFileSync(join(dataDirectory, name), "latin1"));
    const answers = [answer, await operator.get("/api/providers"), await operator.get("/api/audit")];
    for (const text of [JSON.stringify(answers.map(({ body }) => body)), ...files]) expect(text).not.toContain(token);
    expect(await auditOf("provider.change")).toEqual([
      { subject: "hetzner", actor: "operator@example.org", details: { enabled: true, weight: 60, credentials: true } },
    ]);
  });

  test("are checked with the vendor, which is written down", async () => {
    expect(await operator.post("/api/providers/hetzner/check")).toMatchObject({ status: 200 });
    const good = await view("hetzner");
    expect(good.checkedAt).toBeGreaterThan(0);
    expect(good.problem).toBeUndefined();
    await put("hetzner", { enabled: true, weight: 60, credentials: { token: "an-old-token" } });
    expect((await view("hetzner")).checkedAt).toBeUndefined();
    const bad = await operator.post("/api/providers/hetzner/check");
    expect(bad).toMatchObject({ status: 200, body: { problem: { code: "provider_credentials" } } });
    expect((await view("hetzner")).problem?.code).toBe("provider_credentials");
    expect(JSON.stringify(bad.body)).not.toContain("an-old-token");
    expect((await auditOf("provider.check")).map(({ details }) => details)).toEqual([
      {},
      { problem: "provider_credentials" },
    ]);
  });

  test("keep what is left out, over a restart too, and stay when they get no orders", async () => {
    const token = String(hetzner.credentials.token);
    await put("hetzner", { enabled: true, weight: 60, credentials: { token } });
    await put("hetzner", { enabled: false, weight: 5 });
    await put("hetzner", { enabled: false, weight: 5, credentials: { token: "" } });
    await hub.restart();
    operator = await hub.operator();
    expect(await view("hetzner")).toMatchObject({ enabled: false, weight: 5, secrets: ["token"], configured: true });
    expect(await operator.post("/api/providers/hetzner/check")).toMatchObject({ status: 200 });
    expect((await view("hetzner")).problem).toBeUndefined();
  });

  test("say so when they cannot be opened any more, and can be put in again", async () => {
    const sealed = Buffer.from("sealed with another key, and long enough for that");
    await hub.db.updateTable("provider_account").set({ sealed }).where("provider", "=", "hetzner").execute();
    expect((await view("hetzner")).problem).toMatchObject({ code: "provider_credentials" });
    expect(await operator.post("/api/providers/hetzner/check")).toMatchObject({
      status: 502,
      body: { code: "provider_credentials" },
    });
    const token = String(hetzner.credentials.token);
    expect(await put("hetzner", { enabled: true, weight: 5, credentials: { token } })).toMatchObject({ status: 200 });
    expect((await view("hetzner")).problem).toBeUndefined();
  });

  test.each([
    ["no-such", { enabled: true, weight: 1 }, 404],
    ["Upper", { enabled: true, weight: 1 }, 400],
    ["hetzner", { enabled: true, weight: -1 }, 400],
    ["hetzner", { enabled: true, weight: 1.5 }, 400],
    ["hetzner", { enabled: true, weight: 1, credentials: { token: "t", colour: "red" } }, 400],
    ["linode", { enabled: true, weight: 1, credentials: {} }, 400],
  ])("of %s are not changed by %j", async (name, input, status) => {
    expect(await put(name, input)).toMatchObject({ status });
  });

  test("are offered orders while they are enabled and have a weight of their own", async () => {
    const sealingKey = openSecrets(hub.config.dataDirectory).sealing;
    const parts = { kinds: providerKinds, store: createProviderAccountStore(hub.db), sealingKey, now: Date.now };
    const toolsFor = () => ({ endpoint: `${hetzner.url}/v1`, ...hetzner.clock });
    const accounts = createProviderAccounts({ ...parts, toolsFor });
    await put("linode", { enabled: true, weight: 7, credentials: { token: "a-token" } });
    await put("digitalocean", { enabled: false, weight: 7, credentials: { token: "a-token" } });
    expect(await accounts.offers()).toEqual(
      expect.arrayContaining([
        { provider: "hetzner", weight: 5 },
        { provider: "linode", weight: 7 },
      ]),
    );
    expect((await accounts.offers()).map(({ provider }) => provider)).not.toContain("digitalocean");
    // What is there has to be looked after, whether there is more to come or not.
    await put("hetzner", { enabled: false, weight: 5 });
    const open = await accounts.open("hetzner");
    expect(await open.list()).toEqual([]);
    expect((await accounts.configured()).sort()).toEqual(["digitalocean", "hetzner", "linode"]);
    await put("hetzner", { enabled: true, weight: 5 });
    // It knows what its vendor said to it last.
    expect(await accounts.open("hetzner")).toBe(open);
    await put("hetzner", { enabled: true, weight: 5, credentials: { token: String(hetzner.credentials.token) } });
    expect(await accounts.open("hetzner")).not.toBe(open);
    await expect(accounts.open("no-such")).rejects.toMatchObject({ code: "not_found" });
  });

  test("are for operators alone", async () => {
    const owner = await hub.owner("ada@example.org");
    for (const client of [owner, hub.client()]) {
      expect((await client.get("/api/providers")).status).toBeGreaterThanOrEqual(401);
      expect((await client.put("/api/providers/hetzner", { enabled: false, weight: 0 })).status).toBeGreaterThanOrEqual(
        401,
      );
    }
    expect((await view("hetzner")).enabled).toBe(true);
  });
});
