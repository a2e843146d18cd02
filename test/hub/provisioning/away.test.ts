import { describe, expect, test } from "vitest";
import type { Offer } from "#hub/providers/choose-provider.ts";
import { awayPauseMs } from "#hub/provisioning/pause.ts";
import type { Provisioning } from "#hub/provisioning/provisioning.ts";
import { Problem } from "#shared/problem.ts";
import { runningWorlds } from "./running-worlds.ts";
import { isFinished, until, untilJob } from "./until.ts";

const order = { email: "ada@example.org", beacon: "ada", modules: [] };
const both: Offer[] = [
  { provider: "first", weight: 2 },
  { provider: "second", weight: 1 },
];
const running = runningWorlds();
const away = (provider: string) => new Problem("provider_unavailable", `Provider ${provider} answered 503`);
const DAY_MS = 24 * 3_600_000;

/** Lets time pass for jobs that wait for a provider, until it is as wanted. */
const pass = async (hub: Provisioning, holds: () => Promise<boolean> | boolean) => {
  await until(async () => {
    await hub.wakeServers();
    return holds();
  }, Boolean);
};

describe("a provider that is away for hours", () => {
  test("is tried again and again, ever more seldom, which the job says with the last error", async () => {
    let isAway = true;
    const { world, hub } = await running({ createProblem: (name) => (isAway ? away(name) : undefined) });
    const { id } = await hub.order(order, "op");
    await pass(hub, () => world.orders.length > 12);
    const waiting = await untilJob(hub, id, ({ waitingFor }) => waitingFor !== undefined);
    expect(waiting).toMatchObject({
      ...{ state: "PROVISIONING_VPS", waitingFor: "another try: Provider simulated answered 503" },
      problem: { code: "provider_unavailable" },
    });
    expect(waiting.events.filter(({ problem }) => problem !== undefined)).toHaveLength(1);
    expect([0, 5, 9, 10_000].map(awayPauseMs)).toEqual([1_000, 32_000, 300_000, 300_000]);
    isAway = false;
    await hub.wakeServers();
    expect((await untilJob(hub, id, isFinished)).state).toBe("COMPLETED");
    expect(world.count.created).toBe(1);
  });

  test("is waited for in whatever it is asked, and told of nobody's failure", async () => {
    let isAway = false;
    const { world, hub } = await running({
      ...{ reports: () => false, operators: ["op@example.org"] },
      findProblem: (name) => (isAway ? away(name) : undefined),
    });
    const { id } = await hub.order(order, "op");
    await untilJob(hub, id, ({ waitingFor }) => waitingFor === "the agent to enrol");
    isAway = true;
    const attempts = () => world.db.selectFrom("job").select("attempts").executeTakeFirstOrThrow();
    await pass(hub, async () => (await attempts()).attempts > 12);
    expect(await hub.job(id)).toMatchObject({ state: "WAITING_FOR_VPS" });
    isAway = false;
    await hub.wakeServers();
    await untilJob(hub, id, ({ waitingFor }) => waitingFor === "the agent to enrol");
    expect(world.deliveries).toEqual([]);
  });

  test("and comes back leaves the agent as long to report as if it had never been away", async () => {
    let isAway = false;
    const silenceMs = 2_000;
    const { world, hub } = await running({
      ...{ reports: () => false, silenceMs },
      findProblem: (name) => (isAway ? away(name) : undefined),
    });
    const { id } = await hub.order(order, "op");
    const { beacon = "" } = await untilJob(hub, id, ({ waitingFor }) => waitingFor === "the agent to enrol");
    isAway = true;
    const awaySince = Date.now();
    await pass(hub, () => Date.now() - awaySince > silenceMs + 500);
    isAway = false;
    await hub.wakeServers();
    await untilJob(hub, id, ({ waitingFor, state }) => state === "FAILED" || waitingFor === "the agent to enrol");
    // A look later, too.
    await hub.wakeServers();
    await world.beacons.update(beacon, { enrolledAt: Date.now(), publicKey: "key" });
    world.online.add(beacon);
    await hub.wake(beacon);
    expect((await untilJob(hub, id, isFinished)).state).toBe("COMPLETED");
  });

  test("fails an order that nobody pays for once it has taken longer than one may take", async () => {
    const { world, hub } = await running({ createProblem: away });
    const { id } = await hub.order(order, "op");
    await untilJob(hub, id, ({ problem }) => problem !== undefined);
    await until(
      async () => {
        const late = { entered_at: Date.now() - DAY_MS, wake_at: 1 };
        await world.db.updateTable("job").set(late).where("state", "=", "PROVISIONING_VPS").execute();
        await hub.wakeServers();
        return hub.job(id);
      },
      (job) => job?.state === "FAILED",
    );
    expect(await hub.job(id)).toMatchObject({
      stoppedIn: "PROVISIONING_VPS",
      problem: { code: "provider_unavailable" },
    });
  });

  test("is passed over after eight tries where somebody else gets orders, too", async () => {
    const { world, hub } = await running({
      offers: () => both,
      createProblem: (name) => (name === "first" ? away(name) : undefined),
    });
    const { id } = await hub.order(order, "op");
    await pass(hub, async () => isFinished(await untilJob(hub, id, () => true)));
    const job = await untilJob(hub, id, isFinished);
    expect(job.state).toBe("COMPLETED");
    expect(job.events.map(({ message }) => message)).toContain(
      "Provider first is passed over: Provider first answered 503",
    );
    expect(world.orders.map(({ provider }) => provider)).toEqual([...Array(8).fill("first"), "second"]);
    expect([...world.vpss.values()].map(({ provider }) => provider)).toEqual(["second"]);
    const owed = await world.db.selectFrom("provider_turn").select(["provider", "owed"]).execute();
    expect(owed.filter((one) => one.owed !== 0)).toEqual([]);
  });

  test("and has made a server whose answer was lost, has it removed when it is back", async () => {
    let isAway = true;
    const { world, hub } = await running({
      offers: () => both,
      answerProblem: (name) => (name === "first" ? away(name) : undefined),
      findProblem: (name) => (name === "first" && isAway ? away(name) : undefined),
      reports: () => {
        isAway = world.orders.at(-1)?.provider !== "second";
        return !isAway;
      },
    });
    const { id } = await hub.order(order, "op");
    await pass(hub, async () => isFinished(await untilJob(hub, id, () => true)));
    expect((await hub.job(id))?.state).toBe("COMPLETED");
    expect(world.count.created).toBe(2);
    expect([...world.vpss.values()].map(({ provider }) => provider)).toEqual(["second"]);
  });

  test("keeps the order where it is known to have the server", async () => {
    let isAway = false;
    let reports = false;
    const { world, hub } = await running({
      ...{ offers: () => both, reports: () => reports, silenceMs: 300 },
      findProblem: (name) => (isAway && name === "first" ? away(name) : undefined),
    });
    const { id } = await hub.order(order, "op");
    expect((await untilJob(hub, id, isFinished)).stoppedIn).toBe("WAITING_FOR_VPS");
    isAway = true;
    reports = true;
    await hub.retry(id, "op");
    const attempts = () => world.db.selectFrom("job").select("attempts").executeTakeFirstOrThrow();
    await pass(hub, async () => (await attempts()).attempts > 10);
    isAway = false;
    await hub.wakeServers();
    expect((await untilJob(hub, id, isFinished)).state).toBe("COMPLETED");
    expect(world.orders.map(({ provider }) => provider)).toEqual(["first", "first"]);
  });
});
