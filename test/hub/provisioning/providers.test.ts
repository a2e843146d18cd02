import { describe, expect, test } from "vitest";
import type { Offer } from "#hub/providers/choose-provider.ts";
import type { Sale } from "#hub/store/purchases.ts";
import { Problem, type ProblemCode } from "#shared/problem.ts";
import { dieAndResume } from "./die-and-resume.ts";
import type { Death } from "./mortal.ts";
import { runningWorlds } from "./running-worlds.ts";
import { isFinished, untilJob } from "./until.ts";
import { createWorld, type WorldOptions } from "./world.ts";

const order = { email: "ada@example.org", beacon: "ada", modules: [] };
const both: Offer[] = [
  { provider: "first", weight: 2 },
  { provider: "second", weight: 1 },
];
const offers = () => both;
const running = runningWorlds();
const at = (provider: string, code: ProblemCode) => (asked: string) =>
  asked === provider ? new Problem(code, `${asked}: ${code}`) : undefined;

describe("an order", () => {
  test("goes to the provider whose turn it is, which stands in the books, with the size of its tier there", async () => {
    const { world, hub } = await running({ offers });
    const sale: Sale = {
      ...{ bundle: "tiny", tier: "t1", server: "t2", addOns: [], storageGb: 50, currency: "usd", awaits: "payment" },
      ...{ lines: [], expiresAt: Date.now() + 60_000, cart: "0".repeat(64) },
    };
    for (const beacon of ["ada", "bob", "cyd"]) {
      const { id } = await hub.order({ ...order, beacon, region: "second-1" }, "op", { sale });
      await untilJob(hub, id, isFinished);
    }
    const made = world.orders.map(({ provider, size, region }) => [provider, size, region]);
    // A region that a provider does not have is no wish to it.
    expect(made).toEqual([
      ["first", "first-t2", undefined],
      ["second", "second-t2", "second-1"],
      ["first", "first-t2", undefined],
    ]);
    expect((await world.beacons.list()).map(({ provider }) => provider)).toEqual(["first", "second", "first"]);
  });

  test.each(["provider_out_of_stock", "provider_quota"] as const)(
    "goes to the next one when the first one says %s, which is told",
    async (code) => {
      const { world, hub } = await running({ offers, createProblem: at("first", code) });
      const { id } = await hub.order(order, "op");
      const job = await untilJob(hub, id, isFinished);
      expect(job.state).toBe("COMPLETED");
      expect([...world.vpss.values()].map(({ provider }) => provider)).toEqual(["second"]);
      expect(await world.beacons.byName("ada")).toMatchObject({ provider: "second", providerId: "vps-1" });
      expect(job.events.map(({ message }) => message)).toContain(`Provider first is passed over: first: ${code}`);
    },
  );

  test("leaves no server at one that made it, lost its answer, and then said that it has none", async () => {
    let answers = 0;
    const { world, hub } = await running({
      offers,
      // The list of its servers lags behind: the second create does not see what the first one made.
      findProblem: () => undefined,
      createProblem: (provider) =>
        provider === "first" && answers++ > 0 ? new Problem("provider_out_of_stock", "none left") : undefined,
      answerProblem: (provider) =>
        provider === "first" ? new Problem("provider_out_of_stock", "none left; its answer was lost") : undefined,
    });
    const { id } = await hub.order(order, "op");
    expect((await untilJob(hub, id, isFinished)).state).toBe("COMPLETED");
    expect([...world.vpss.values()].map(({ provider }) => provider)).toEqual(["second"]);
  });

  test("has a server that turns up late at one that was passed over removed, before it is done", async () => {
    const { world, hub } = await running({
      offers,
      createProblem: at("first", "provider_out_of_stock"),
      dnsProblem: () => undefined,
      reports: () => {
        const [made] = world.vpss.values();
        if (made !== undefined) world.vpss.set("vps-late", { ...made, id: "vps-late", provider: "first" });
        return true;
      },
    });
    const { id } = await hub.order(order, "op");
    expect((await untilJob(hub, id, isFinished)).state).toBe("COMPLETED");
    expect([...world.vpss.keys()]).toEqual(["vps-1"]);
  });

  test("is delivered though one that was passed over cannot be asked any more, and says so", async () => {
    let away = false;
    const { hub } = await running({
      offers,
      createProblem: (provider) => {
        if (provider !== "first") return undefined;
        away = true;
        return new Problem("provider_quota", "one at most");
      },
      findProblem: (provider) =>
        provider === "first" && away && done ? new Problem("provider_unavailable", "no answer") : undefined,
      reports: () => {
        done = true;
        return true;
      },
    });
    let done = false;
    const { id } = await hub.order(order, "op");
    const job = await untilJob(hub, id, isFinished);
    expect(job.state).toBe("COMPLETED");
    expect(job.events.find(({ state }) => state === "CONFIGURING_DNS")?.message).toMatch(/first, .* no answer/);
  });

  test("waits when nobody has a server, and asks all of them again", async () => {
    let isSoldOut = true;
    const { world, hub } = await running({
      offers,
      createProblem: () => (isSoldOut ? new Problem("provider_out_of_stock", "none left") : undefined),
    });
    const { id, purchase = "" } = await hub.order(order, "op");
    const waiting = await untilJob(hub, id, ({ waitingFor }) => waitingFor === "a provider that has such a server");
    expect(waiting).toMatchObject({ state: "PROVISIONING_VPS", problem: { code: "provider_out_of_stock" } });
    expect(waiting.finishedAt).toBeUndefined();
    isSoldOut = false;
    await hub.wakePurchase(purchase);
    expect((await untilJob(hub, id, isFinished)).state).toBe("COMPLETED");
    expect(world.orders.map(({ provider }) => provider)).toEqual(["first", "second", "first"]);
  });

  test("waits while no provider is set up, keeps its name, and goes on at once when one is", async () => {
    let isSetUp = false;
    const { world, hub } = await running({ offers: () => (isSetUp ? both : []) });
    const { id } = await hub.order(order, "op");
    const waiting = await untilJob(hub, id, ({ waitingFor }) => waitingFor === "a provider to be set up");
    expect(waiting).toMatchObject({ state: "PAYMENT_RECEIVED", problem: { code: "unavailable" } });
    expect(await hub.nameProblem("ada")).toMatchObject({ code: "conflict" });
    expect(world.orders).toEqual([]);
    isSetUp = true;
    await hub.wakeServers();
    const job = await untilJob(hub, id, isFinished);
    expect(job.state).toBe("COMPLETED");
    expect(job.events.filter(({ problem }) => problem !== undefined)).toHaveLength(1);
  });
});

describe("credentials that are refused", () => {
  test("hold an order up without failing it, until there are others", async () => {
    let isRefused = true;
    const { world, hub } = await running({
      offers,
      createProblem: () => (isRefused ? new Problem("provider_credentials", "the token is not known") : undefined),
    });
    const { id } = await hub.order(order, "op");
    const waiting = await untilJob(hub, id, ({ waitingFor }) => waitingFor === "other credentials");
    expect(waiting).toMatchObject({ state: "PROVISIONING_VPS", problem: { message: "the token is not known" } });
    for (let look = 1; look < 10; look++) await hub.wakeServers();
    isRefused = false;
    await hub.wakeServers();
    const job = await untilJob(hub, id, isFinished);
    expect(job.state).toBe("COMPLETED");
    // It is told once, however often it is looked at.
    expect(job.events.filter(({ problem }) => problem?.code === "provider_credentials")).toHaveLength(1);
    expect(world.count.created).toBe(1);
  });

  test("of a provider that is not to be used any more send the order to the next one", async () => {
    let offered = both;
    const { world, hub } = await running({
      offers: () => offered,
      createProblem: at("first", "provider_credentials"),
      findProblem: at("first", "provider_credentials"),
    });
    const { id } = await hub.order(order, "op");
    await untilJob(hub, id, ({ waitingFor }) => waitingFor === "other credentials");
    offered = both.filter(({ provider }) => provider !== "first");
    await hub.wakeServers();
    expect((await untilJob(hub, id, isFinished)).state).toBe("COMPLETED");
    expect([...world.vpss.values()].map(({ provider }) => provider)).toEqual(["second"]);
  });

  test("do not hold up what else is taken back", async () => {
    let isRefused = false;
    const { world, hub } = await running({
      offers,
      reports: () => false,
      findProblem: (provider) => (isRefused ? at("first", "provider_credentials")(provider) : undefined),
    });
    const { id } = await hub.order(order, "op");
    await untilJob(hub, id, ({ waitingFor }) => waitingFor === "the agent to enrol");
    world.names.add("ada.localhost");
    isRefused = true;
    await world.db.updateTable("job").set({ state: "CONFIGURING_DNS" }).execute();
    await hub.cancel(id, "op");
    const stuck = await untilJob(hub, id, ({ waitingFor }) => waitingFor === "other credentials");
    expect(stuck).toMatchObject({ state: "CANCELLED", problem: { code: "provider_credentials" } });
    expect([...world.names]).toEqual([]);
    expect(world.takenBack).toContain(stuck.purchase);
    expect(await world.beacons.list()).toEqual([]);
    expect(world.vpss.size).toBe(1);
    // The name is kept until all is gone.
    expect(await hub.nameProblem("ada")).toMatchObject({ code: "conflict" });
    isRefused = false;
    await hub.wakeServers();
    await untilJob(hub, id, isFinished);
    expect(world.vpss.size).toBe(0);
  });
});

test("a provider that gets no orders any more finishes what it has begun", async () => {
  let offered = both;
  let reports = false;
  const { world, hub } = await running({ offers: () => offered, reports: () => reports, silenceMs: 300 });
  const { id } = await hub.order(order, "op");
  const failed = await untilJob(hub, id, isFinished);
  expect(failed).toMatchObject({ state: "FAILED", stoppedIn: "WAITING_FOR_VPS" });
  offered = both.filter(({ provider }) => provider !== "first");
  reports = true;
  await hub.retry(id, "op");
  expect((await untilJob(hub, id, isFinished)).state).toBe("COMPLETED");
  expect([...world.vpss.values()].map(({ provider }) => provider)).toEqual(["first"]);
});

test("a retry asks those again that were passed over", async () => {
  let refusal: ProblemCode | undefined = "provider_out_of_stock";
  const { world, hub } = await running({
    offers,
    createProblem: (provider) => {
      if (provider === "first") return refusal === undefined ? undefined : new Problem(refusal, "none left");
      return new Problem("provider_refused", "no");
    },
  });
  const { id } = await hub.order(order, "op");
  expect(await untilJob(hub, id, isFinished)).toMatchObject({ state: "FAILED", problem: { code: "provider_refused" } });
  refusal = undefined;
  await hub.retry(id, "op");
  await untilJob(hub, id, isFinished);
  // What was chosen stays; nobody counts as passed over.
  const row = await world.db.selectFrom("provider_choice").selectAll().executeTakeFirstOrThrow();
  expect([row.provider, row.passed_over_json, row.asked_json]).toEqual(["second", "[]", '["first","second"]']);
  await expect(hub.retry("job_nosuch00", "op")).rejects.toMatchObject({ code: "not_found" });
});

test("cancelling removes what any provider has that was ever asked", async () => {
  const { world, hub } = await running({ offers, createProblem: at("first", "provider_quota"), reports: () => false });
  const { id } = await hub.order(order, "op");
  await untilJob(hub, id, ({ waitingFor }) => waitingFor === "the agent to enrol");
  const [made] = world.vpss.values();
  if (made !== undefined) world.vpss.set("vps-late", { ...made, id: "vps-late", provider: "first" });
  await hub.cancel(id, "op");
  await untilJob(hub, id, isFinished);
  expect(world.vpss.size).toBe(0);
});

test("a hub killed right before or after any effect of passing a provider over makes one server, at the next", async () => {
  const options: WorldOptions = { offers, createProblem: at("first", "provider_out_of_stock") };
  const calls = await walk(options);
  const deaths = ["choices.choose", "choices.passOver", "provider.create", "beacons.update"].flatMap((call) =>
    calls
      .filter((one) => one === call)
      .flatMap((_one, index) => (["before", "after"] as const).map((when): Death => ({ call, nth: index + 1, when }))),
  );
  expect(deaths.length).toBeGreaterThan(12);
  await Promise.all(deaths.map((death) => walk(options, death)));
});

/** Lets one hub die as told and the next one finish. @returns what the first one did */
async function walk(options: WorldOptions, death?: Death): Promise<readonly string[]> {
  const world = await createWorld(options);
  const { job, calls } = await dieAndResume(world, order, death);
  expect(job.state).toBe("COMPLETED");
  expect([...world.vpss.values()].map(({ provider }) => provider)).toEqual(["second"]);
  const owed = await world.db.selectFrom("provider_turn").select(["provider", "owed"]).orderBy("provider").execute();
  expect(owed.map((one) => one.owed)).toEqual([0, 0]);
  return calls;
}
