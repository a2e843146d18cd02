import { beforeEach, describe, expect, it } from "vitest";
import type { Provider } from "#hub/providers/provider.ts";
import { createFindingStore, type FindingStore } from "#hub/store/findings.ts";
import { createSettingStore, type SettingStore } from "#hub/store/settings.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { stripeContract } from "#test/simulators/stripe/stripe.ts";
import { OPERATORS, openWorld, QUIET_MS, type World } from "./world.ts";

/** A process that dies at its nth deed: from then on nothing that it does has an effect. */
function mortal(nth: number, isAfter: boolean) {
  let deeds = 0;
  let isDead = false;
  const killed = () => {
    isDead = true;
    return new Error("killed");
  };
  const deed =
    <Given extends readonly unknown[], Result>(act: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      if (isDead) throw killed();
      const isLast = deeds++ === nth;
      if (isLast && !isAfter) throw killed();
      const result = await act(...given);
      if (isLast) throw killed();
      return result;
    };
  return { deed, isDead: () => isDead };
}

type Deed = ReturnType<typeof mortal>["deed"];

const mortalFindings = (store: FindingStore, deed: Deed): FindingStore => ({
  ...store,
  ...{ take: deed(store.take), begin: deed(store.begin), finish: deed(store.finish) },
  ...{ fail: deed(store.fail), tell: deed(store.tell) },
});
const mortalSettings = (store: SettingStore, deed: Deed): SettingStore => ({ ...store, put: deed(store.put) });
const mortalProvider = (provider: Provider, deed: Deed): Provider => ({ ...provider, remove: deed(provider.remove) });

describe.skipIf(!hasContracts())(hasContracts() ? "a hub that dies while it puts right" : NO_CONTRACTS, () => {
  const contract = hasContracts() ? stripeContract() : undefined;
  let world: World;
  beforeEach(async () => {
    world = await openWorld(contract);
    return world.stop;
  });

  /** Kills it before and after each of its deeds, one after the other, until it lives through all of them. */
  const atEachDeed = async (prepare: () => Promise<string>, check: (subject: string) => Promise<void>) => {
    const moments = new Set<string>();
    for (const isAfter of [false, true]) {
      for (let nth = 0; ; nth += 1) {
        const subject = await prepare();
        const { deed, isDead } = mortal(nth, isAfter);
        const dying = {
          findings: mortalFindings(createFindingStore(world.db), deed),
          settings: mortalSettings(createSettingStore(world.db), deed),
          provider: mortalProvider(world.provider, deed),
          takeBack: deed(async (purchase: string) => world.takeBack(purchase)),
        };
        await world.compare(true, dying).catch((error: Error) => expect(error.message).toBe("killed"));
        world.hetzner.clock.pass(60_000);
        expect((await world.compare(true)).findings).toEqual([]);
        await check(subject);
        moments.add(`${isAfter} ${nth}`);
        if (!isDead()) break;
      }
    }
    return moments.size;
  };
  const times = async (line: string) => (await world.audited()).filter((one) => one === line).length;
  const told = async () => (await world.mails()).length;

  it("removes a server once, says so once in the audit log, and tells each operator once", async () => {
    let mailsBefore = 0;
    const moments = await atEachDeed(
      async () => {
        mailsBefore = await told();
        return world.rent(await world.ordered("CANCELLED"));
      },
      async (id) => {
        expect(world.isThere(id)).toBe(false);
        expect(await times(`olga@example.org vps.remove ${id}`)).toBe(1);
        expect((await told()) - mailsBefore).toBe(OPERATORS.length);
      },
    );
    // take, begin, remove, finish, tell and the two times, before and after each; and twice through to the end.
    expect(moments).toBe(2 * 7 + 2);
  }, 240_000);

  it("gives back once what is owed, and says so once in the audit log", async () => {
    let mailsBefore = 0;
    const moments = await atEachDeed(
      async () => {
        mailsBefore = await told();
        const { purchase } = await world.account.subscribed();
        await world.addJob(purchase, "CANCELLED", world.now() - QUIET_MS);
        return purchase;
      },
      async (purchase) => {
        expect(world.account.simulator.world.refunds.all().length).toBe(new Set(world.refunds).size);
        expect(await times(`olga@example.org purchase.take-back ${purchase}`)).toBe(1);
        expect((await told()) - mailsBefore).toBe(OPERATORS.length);
      },
    );
    expect(moments).toBe(2 * 7 + 2);
  }, 240_000);
});

describe.skipIf(!hasContracts())(hasContracts() ? "every night" : NO_CONTRACTS, () => {
  const contract = hasContracts() ? stripeContract() : undefined;
  let world: World;
  beforeEach(async () => {
    world = await openWorld(contract);
    return world.stop;
  });

  const checkedAt = async () => (await world.reconcileWith().view()).checkedAt;
  const dueAt = () => createSettingStore(world.db).get("reconcile.due-at");
  /** Runs a hub until this is so. */
  const runUntil = async (holds: () => Promise<boolean>) => {
    const hub = world.reconcileWith();
    hub.start();
    await world.until(holds);
    await hub.stop();
  };

  it("it compares and puts right, whichever hub runs then, and not before a day has passed", async () => {
    const id = await world.rent(await world.ordered("CANCELLED"));
    await runUntil(async () => (await dueAt()) !== undefined);
    expect(await checkedAt()).toBeUndefined();
    expect(world.isThere(id)).toBe(true);
    world.account.simulator.advance(24 * 3_600_000 + 1000);
    await runUntil(async () => (await checkedAt()) !== undefined);
    expect(world.isThere(id)).toBe(false);
    expect(await world.audited()).toEqual([`reconcile vps.remove ${id}`]);
    const first = await checkedAt();
    expect(Number(await dueAt()) - (first ?? 0)).toBe(24 * 3_600_000);
    await runUntil(async () => true);
    expect(await checkedAt()).toBe(first);
  });

  it("it comes back within the hour when somebody did not answer", async () => {
    await runUntil(async () => (await dueAt()) !== undefined);
    world.account.simulator.advance(24 * 3_600_000 + 1000);
    const away: Provider = { ...world.provider, list: () => Promise.reject(new Error("a defect")) };
    await world.compare(true, { provider: away });
    expect(Number(await dueAt()) - ((await checkedAt()) ?? 0)).toBe(3_600_000);
  });

  it("it is not put off by somebody who only looks", async () => {
    await runUntil(async () => (await dueAt()) !== undefined);
    const before = await dueAt();
    await world.compare();
    expect(await dueAt()).toBe(before);
    expect(await checkedAt()).toBeDefined();
  });
});
