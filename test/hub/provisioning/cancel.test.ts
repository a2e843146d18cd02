import { describe, expect, test } from "vitest";
import type { JobState } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import { runningWorlds } from "./running-worlds.ts";
import { isFinished, untilJob } from "./until.ts";
import { createWorld, type WorldOptions } from "./world.ts";

const order = { email: "ada@example.org", beacon: "ada", modules: ["vaultwarden"] };
const running = runningWorlds();

const problem = (code: "provider_unavailable" | "dns_not_ready" | "mail_refused") => () => new Problem(code, "not now");

/** What holds a job up in each state that waits for something outside. */
const holdups: { readonly [S in JobState]?: WorldOptions } = {
  PENDING: { paid: () => false },
  PROVISIONING_VPS: { createProblem: problem("provider_unavailable") },
  WAITING_FOR_VPS: { reports: () => false },
  CONFIGURING_DNS: { dnsProblem: problem("dns_not_ready") },
  DEPLOYING_WOPR: { installProblem: (module) => (module === "redis" ? "never" : undefined) },
  SENDING_WELCOME: { mailProblem: problem("mail_refused") },
};

describe("cancelling takes back what was made", () => {
  test.each(Object.entries(holdups))("in %s", async (state, options) => {
    const { world, hub } = await running(options);
    const { id } = await hub.order(order, "op");
    await untilJob(hub, id, (job) => job.state === state && job.waitingFor !== undefined);
    const cancelled = await hub.cancel(id, "op@example.org");
    expect(cancelled).toMatchObject({ state: "CANCELLED", stoppedIn: state });
    await untilJob(hub, id, isFinished);
    expect(world.vpss.size).toBe(0);
    expect(world.names.size).toBe(0);
    expect(await world.beacons.list()).toEqual([]);
    expect(await world.db.selectFrom("mail").selectAll().execute()).toEqual([]);
    expect(world.deliveries).toEqual([]);
    // The name is free again.
    await expect(hub.order(order, "op")).resolves.toMatchObject({ state: "PENDING" });
  });

  test("after a failure", async () => {
    const { world, hub } = await running({ reports: () => false, silenceMs: 200 });
    const { id } = await hub.order(order, "op");
    expect((await untilJob(hub, id, isFinished)).state).toBe("FAILED");
    expect(world.vpss.size).toBe(1);
    await expect(hub.order(order, "op")).rejects.toMatchObject({ code: "conflict" });
    await hub.cancel(id, "op");
    await untilJob(hub, id, isFinished);
    expect(world.vpss.size).toBe(0);
    const audit = await world.db.selectFrom("audit").select("action").orderBy("id").execute();
    expect(audit.map(({ action }) => action)).toEqual(["job.order", "job.fail", "job.cancel", "job.undo"]);
  });
});

test("a name that somebody else got meanwhile is not taken from them by cancelling", async () => {
  let paid = false;
  const { world, hub } = await running({ paid: () => paid });
  const { id } = await hub.order(order, "op");
  await world.beacons.insert({
    ...{ id: "beacon_other00", name: "ada", domain: "ada.localhost", email: "eve@example.org" },
    ...{ provider: "simulated", createdAt: 1 },
  });
  world.names.add("ada.localhost");
  paid = true;
  await hub.wake("nobody");
  await world.db.updateTable("job").set({ wake_at: 0 }).execute();
  await hub.order({ ...order, beacon: "bob" }, "op");
  const failed = await untilJob(hub, id, isFinished);
  expect(failed).toMatchObject({ state: "FAILED", stoppedIn: "PAYMENT_RECEIVED", problem: { code: "conflict" } });

  await hub.cancel(id, "op");
  await untilJob(hub, id, (job) => job.state === "CANCELLED" && isFinished(job));
  expect(world.names).toContain("ada.localhost");
  expect(await world.beacons.byName("ada")).toMatchObject({ id: "beacon_other00" });
});

test("what cannot be removed now is tried until it is gone, and a hub killed meanwhile goes on with it", async () => {
  let stuck = true;
  const world = await createWorld({
    reports: () => false,
    removeProblem: () => (stuck ? new Problem("provider_refused", "the server is locked") : undefined),
  });
  const first = world.boot();
  first.start();
  const { id } = await first.provisioning.order(order, "op");
  await untilJob(first.provisioning, id, ({ waitingFor }) => waitingFor === "the agent to enrol");
  await first.provisioning.cancel(id, "op");
  const trying = await untilJob(first.provisioning, id, (job) => job.problem !== undefined);
  expect(trying).toMatchObject({ state: "CANCELLED", problem: { message: "the server is locked" } });
  expect(trying.finishedAt).toBeUndefined();
  first.kill();
  void first.stop();

  stuck = false;
  const second = world.boot();
  second.start();
  await untilJob(second.provisioning, id, isFinished);
  expect(world.vpss.size).toBe(0);
  expect(await world.beacons.list()).toEqual([]);
  await second.stop();
});

test("a completed job is not cancelled, and cancelling twice is cancelling once", async () => {
  const { world, hub } = await running();
  const { id } = await hub.order(order, "op");
  await untilJob(hub, id, isFinished);
  await expect(hub.cancel(id, "op")).rejects.toMatchObject({ code: "conflict" });
  expect(world.vpss.size).toBe(1);

  const other = await hub.order({ ...order, beacon: "bob" }, "op");
  await Promise.all([hub.cancel(other.id, "op"), hub.cancel(other.id, "op")]);
  const cancelled = await untilJob(hub, other.id, isFinished);
  expect(cancelled.events.filter(({ message }) => message === "Cancelled by op.")).toHaveLength(1);
  expect(world.vpss.size).toBe(1);
});
