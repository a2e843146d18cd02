import { describe, expect, test } from "vitest";
import { Problem } from "#shared/problem.ts";
import { runningWorlds } from "./running-worlds.ts";
import { isFinished, untilJob } from "./until.ts";

const order = { email: "ada@example.org", beacon: "ada", modules: ["vaultwarden"] };
const running = runningWorlds();

const away = () => new Problem("provider_unavailable", "the provider does not answer");

/** A problem that is there until `gone` is called. */
function passing(problem: Problem) {
  let present: Problem | undefined = problem;
  return {
    problem: () => present,
    gone: () => {
      present = undefined;
    },
  };
}

describe("a provider", () => {
  test("that is away for a moment is asked again", async () => {
    let tries = 0;
    const { world, hub } = await running({ createProblem: () => (tries++ === 0 ? away() : undefined) });
    const { id } = await hub.order(order, "op");
    const job = await untilJob(hub, id, isFinished);
    expect(job.state).toBe("COMPLETED");
    expect(job.events.find(({ problem }) => problem !== undefined)).toMatchObject({
      state: "PROVISIONING_VPS",
      problem: { code: "provider_unavailable" },
    });
    expect(world.count.created).toBe(1);
  });

  test("that refuses ends the job at once, with its words; a retry goes on there", async () => {
    const refusal = passing(new Problem("provider_refused", "the quota is used up", { hint: "Ask for more." }));
    const { world, hub } = await running({ createProblem: refusal.problem });
    const { id } = await hub.order(order, "op");
    const failed = await untilJob(hub, id, isFinished);
    expect(failed).toMatchObject({
      state: "FAILED",
      stoppedIn: "PROVISIONING_VPS",
      problem: { code: "provider_refused", message: "the quota is used up", hint: "Ask for more." },
    });
    refusal.gone();
    const retried = await hub.retry(id, "op@example.org");
    expect(retried.state).toBe("PROVISIONING_VPS");
    expect(retried.problem).toBeUndefined();
    expect((await untilJob(hub, id, isFinished)).state).toBe("COMPLETED");
    expect(world.vpss.size).toBe(1);
    const actions = (await world.db.selectFrom("audit").select("action").orderBy("id").execute()).map(
      (line) => line.action,
    );
    expect(actions).toEqual(["job.order", "job.fail", "job.retry", "job.complete"]);
  });
});

describe("a server", () => {
  test("that never reports ends the job with where to look; a retry makes it anew with a fresh token", async () => {
    let reports = false;
    const { world, hub } = await running({ reports: () => reports, silenceMs: 300 });
    const { id } = await hub.order(order, "op");
    const failed = await untilJob(hub, id, isFinished);
    expect(failed).toMatchObject({ state: "FAILED", stoppedIn: "WAITING_FOR_VPS", problem: { code: "timed_out" } });
    expect(failed.problem?.message).toContain("has not enrolled");
    expect(failed.problem?.hint).toContain("its console");
    reports = true;
    expect((await hub.retry(id, "op")).state).toBe("PROVISIONING_VPS");
    expect((await untilJob(hub, id, isFinished)).state).toBe("COMPLETED");
    expect([...world.vpss.keys()]).toEqual(["vps-2"]);
    expect(world.count.issued).toBe(2);
  });

  test("whose token somebody else has shown says so, once, and goes on when the right one comes", async () => {
    let reports = false;
    const refusal = { code: "enrolment_elsewhere", message: "it came from 203.0.113.66" } as const;
    const { world, hub } = await running({ reports: () => reports, refusal: () => (reports ? undefined : refusal) });
    const { id } = await hub.order(order, "op");
    const seen = await untilJob(hub, id, ({ waitingFor }) => waitingFor?.includes("203.0.113.66") === true);
    await hub.wake(seen.beacon ?? "");
    const { events } = await untilJob(hub, id, () => true);
    expect(events.filter(({ message }) => message.includes("203.0.113.66"))).toHaveLength(1);
    expect(events.at(-1)?.message).toContain("make a token for any server");
    reports = true;
    await world.beacons.update(seen.beacon ?? "", { enrolledAt: Date.now(), publicKey: "key" });
    world.online.add(seen.beacon ?? "");
    await hub.wake(seen.beacon ?? "");
    expect((await untilJob(hub, id, isFinished)).state).toBe("COMPLETED");
  });

  test("that vanished is said to have vanished, and a retry makes another", async () => {
    let reports = false;
    const { world, hub } = await running({ reports: () => reports });
    const { id } = await hub.order(order, "op");
    await untilJob(hub, id, ({ waitingFor }) => waitingFor === "the agent to enrol");
    world.vpss.clear();
    const failed = await untilJob(hub, id, isFinished);
    expect(failed).toMatchObject({ state: "FAILED", problem: { code: "provider_refused" } });
    reports = true;
    await hub.retry(id, "op");
    expect((await untilJob(hub, id, isFinished)).state).toBe("COMPLETED");
    expect(world.vpss.size).toBe(1);
  });
});

describe("an app", () => {
  test("that cannot be installed fails the job under its name; a retry sends a new command for it alone", async () => {
    const trouble = passing(new Problem("image_missing", "there is no image vaultwarden/server:1"));
    const { world, hub } = await running({
      installProblem: (module) => (module === "vaultwarden" ? trouble.problem() : undefined),
    });
    const { id } = await hub.order(order, "op");
    const failed = await untilJob(hub, id, isFinished);
    expect(failed).toMatchObject({
      state: "FAILED",
      stoppedIn: "DEPLOYING_WOPR",
      problem: { code: "image_missing", details: { module: "vaultwarden" } },
    });
    expect(failed.problem?.message).toBe("vaultwarden was not installed: there is no image vaultwarden/server:1");
    trouble.gone();
    await hub.retry(id, "op");
    expect((await untilJob(hub, id, isFinished)).state).toBe("COMPLETED");
    const sent = [...world.commands.values()].map(({ input, state }) => `${input.module} ${state}`);
    expect(sent).toEqual(["caddy done", "postgresql done", "redis done", "vaultwarden failed", "vaultwarden done"]);
  });

  test("whose problem may pass by itself is tried again under a new id", async () => {
    let tries = 0;
    const problem = new Problem("registry_unreachable", "the registry does not answer");
    const { world, hub } = await running({
      installProblem: (module) => (module === "redis" && tries++ === 0 ? problem : undefined),
    });
    const { id } = await hub.order(order, "op");
    expect((await untilJob(hub, id, isFinished)).state).toBe("COMPLETED");
    const redis = [...world.commands.values()].filter(({ input }) => input.module === "redis");
    expect(redis.map(({ state }) => state)).toEqual(["failed", "done"]);
    expect(new Set(redis.map((command) => command.id)).size).toBe(2);
  });

  test("of which nothing is heard ends the job; a retry takes up the same command", async () => {
    const { world, hub } = await running({
      installProblem: (module) => (module === "caddy" ? "never" : undefined),
      silenceMs: 300,
    });
    const { id } = await hub.order(order, "op");
    const failed = await untilJob(hub, id, isFinished);
    expect(failed).toMatchObject({ state: "FAILED", problem: { code: "timed_out", details: { module: "caddy" } } });
    await hub.retry(id, "op");
    const again = await untilJob(hub, id, isFinished);
    expect(again.state).toBe("FAILED");
    // The three core modules, once each.
    expect(world.count.sent).toBe(3);
  });
});

test("DNS that is not ready is asked again", async () => {
  let looks = 0;
  const problem = new Problem("dns_not_ready", "the zone does not answer yet");
  const { hub } = await running({ dnsProblem: () => (looks++ < 2 ? problem : undefined) });
  const { id } = await hub.order(order, "op");
  const job = await untilJob(hub, id, isFinished);
  expect(job.state).toBe("COMPLETED");
  expect(job.events.filter((event) => event.problem?.code === "dns_not_ready")).toHaveLength(1);
});

test("only a failed job is retried", async () => {
  const { hub } = await running({ paid: () => false });
  const { id } = await hub.order(order, "op");
  await expect(hub.retry(id, "op")).rejects.toMatchObject({ code: "conflict" });
  await expect(hub.retry("job_00000000", "op")).rejects.toMatchObject({ code: "not_found" });
});

test("something unexpected fails the job and says that it is a defect", async () => {
  const { hub } = await running({
    createProblem: () => {
      throw new TypeError("secret detail");
    },
  });
  const { id } = await hub.order(order, "op");
  const failed = await untilJob(hub, id, isFinished);
  expect(failed).toMatchObject({ state: "FAILED", problem: { code: "internal" } });
  expect(JSON.stringify(failed)).not.toContain("secret detail");
});
