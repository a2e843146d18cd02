import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LifecycleChange } from "#shared/api/lifecycle.ts";
import { LifecycleJobView } from "#shared/api/lifecycle.ts";
import { readCommand, resultOf, type TestLink } from "#test/hub/test-agent.ts";
import type { TestClient } from "#test/hub/test-client.ts";
import { startTestHub, type TestBeacon, type TestHub } from "#test/hub/test-hub.ts";

let hub: TestHub;
let operator: TestClient;
let ada: TestBeacon;
let taken: Set<string>;
beforeEach(async () => {
  taken = new Set();
  hub = await startTestHub();
  operator = await hub.operator();
  ada = await hub.enrolled("ada");
});
afterEach(() => hub.stop());

const path = () => `/api/beacons/${ada.enrolment.beacon}/lifecycle`;
const ask = async (change: LifecycleChange | Record<string, unknown>) => {
  const { status, body } = await operator.post(path(), change);
  expect([status, body]).toMatchObject([202, { state: "running" }]);
  return LifecycleJobView.parse(body);
};
const job = async (id: string) => LifecycleJobView.parse((await operator.get(`/api/lifecycle/${id}`)).body);
const untilJob = async (id: string, wanted: Partial<LifecycleJobView>) => {
  await expect.poll(() => job(id)).toMatchObject(wanted);
  return job(id);
};
const beacon = () => hub.beacons.get(ada.enrolment.beacon);
const actions = async () => {
  const rows = await hub.db.selectFrom("audit").select(["action", "actor"]).orderBy("id").execute();
  return rows.filter(({ action }) => action.startsWith("beacon.")).map(({ action, actor }) => `${actor}: ${action}`);
};
/** The next command that did not come before: a hub may send one more than once. */
const nextCommand = async (link: TestLink) => {
  for (;;) {
    const command = readCommand(await link.take("command"), ada.enrolment);
    if (!taken.has(command.id)) {
      taken.add(command.id);
      return command;
    }
  }
};
/** Takes the next command, and says how it went. */
const carryOut = async (link: TestLink, problem?: Parameters<typeof resultOf>[1]) => {
  const { id, name } = await nextCommand(link);
  link.send({ type: "accepted", command: id });
  link.send(resultOf(id, problem));
  return { id, name };
};
const kept = (command: string) => ({ code: "docker_refused" as const, message: `${command} did not work` });

describe("suspending and resuming", () => {
  it("stops the apps on the beacon, is seen by people, and comes back", async () => {
    const link = await ada.connect();
    const { id } = await ask({ change: "suspend" });
    expect((await carryOut(link)).name).toBe("beacon.suspend");
    const done = await untilJob(id, { state: "done" });
    expect(done.steps.map(({ name, state }) => `${name} ${state}`)).toEqual(["close done", "stop-apps done"]);
    expect(done.steps.every(({ durationMs }) => durationMs !== undefined)).toBe(true);
    expect((await operator.get("/api/beacons")).body).toMatchObject({ beacons: [{ suspendedAt: expect.any(Number) }] });
    const command = await operator.post(`/api/beacons/${ada.enrolment.beacon}/commands`, {
      name: "module.start",
      input: { instance: "page" },
    });
    expect(command).toMatchObject({ status: 403, body: { code: "not_entitled" } });

    const back = await ask({ change: "resume" });
    expect((await carryOut(link)).name).toBe("beacon.resume");
    await untilJob(back.id, { state: "done" });
    expect((await beacon())?.suspendedAt).toBeUndefined();
    expect(await actions()).toEqual([
      "agent: beacon.enrol",
      "operator@example.org: beacon.suspend",
      "lifecycle: beacon.suspend-done",
      "operator@example.org: beacon.resume",
      "lifecycle: beacon.resume-done",
    ]);
  });

  it("waits for a beacon that is away and says so, over a restart of the hub", async () => {
    const { id } = await ask({ change: "suspend" });
    await untilJob(id, { state: "running", waitingFor: "ada to come online" });
    await hub.restart();
    const link = await ada.connect();
    await carryOut(link);
    await untilJob(id, { state: "done" });
    expect(await hub.commands.list(ada.enrolment.beacon, 10)).toHaveLength(1);
  });

  it("gives the command anew when it expired on its way", async () => {
    const { id } = await ask({ change: "suspend" });
    await untilJob(id, { waitingFor: "ada to come online" });
    hub.advance(25 * 3_600_000);
    await expect.poll(() => hub.commands.list(ada.enrolment.beacon, 10)).toHaveLength(2);
    await carryOut(await ada.connect());
    await untilJob(id, { state: "done" });
  });

  it("fails with the beacon's own words, and is taken up again under another command", async () => {
    const link = await ada.connect();
    const { id } = await ask({ change: "suspend" });
    const first = await carryOut(link, kept("stop"));
    const failed = await untilJob(id, { state: "failed" });
    expect(failed).toMatchObject({ problem: { message: "stop did not work" }, finishedAt: expect.any(Number) });
    expect((await operator.post(`/api/lifecycle/${id}/retry`)).status).toBe(202);
    const second = await carryOut(link);
    expect(second.id).not.toBe(first.id);
    await untilJob(id, { state: "done" });
    expect(await operator.post(`/api/lifecycle/${id}/retry`)).toMatchObject({ status: 409 });
  });

  it("is one change at a time", async () => {
    const { id } = await ask({ change: "suspend" });
    expect(await operator.post(path(), { change: "suspend" })).toMatchObject({
      status: 409,
      body: { code: "conflict", details: { job: id } },
    });
    const many = await Promise.all(
      Array.from({ length: 10 }, () =>
        operator.post(path(), { change: "transfer", email: "eve@example.org", confirm: "ada" }),
      ),
    );
    expect(many.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 409));
    expect((await operator.get(`/api/lifecycle?beacon=${ada.enrolment.beacon}`)).body).toMatchObject({
      jobs: [{ id }],
    });
  });

  it("is called off without a trace while the beacon has not heard of it", async () => {
    const { id } = await ask({ change: "suspend" });
    await untilJob(id, { waitingFor: "ada to come online" });
    expect((await operator.post(`/api/lifecycle/${id}/cancel`)).body).toMatchObject({ state: "cancelling" });
    await untilJob(id, { state: "cancelled" });
    expect((await beacon())?.suspendedAt).toBeUndefined();
    const link = await ada.connect();
    const { id: next } = await ask({ change: "resume" });
    expect((await carryOut(link)).name).toBe("beacon.resume");
    await untilJob(next, { state: "done" });
  });

  it("is undone by its opposite once the beacon has begun", async () => {
    const link = await ada.connect();
    const { id } = await ask({ change: "suspend" });
    const { id: suspending } = await nextCommand(link);
    link.send({ type: "accepted", command: suspending });
    await expect.poll(async () => (await hub.commands.get(suspending))?.view.state).toBe("accepted");
    await operator.post(`/api/lifecycle/${id}/cancel`);
    await link.take("cancel");
    await untilJob(id, { state: "cancelling", waitingFor: "the beacon to break off" });
    link.send(resultOf(suspending, { code: "cancelled", message: "broken off" }));
    expect((await carryOut(link)).name).toBe("beacon.resume");
    await untilJob(id, { state: "cancelled" });
    expect((await beacon())?.suspendedAt).toBeUndefined();
  });

  it("is nobody's but the operator's to ask for, and its commands are given by nobody else", async () => {
    const owner = await hub.owner("owner@example.org");
    expect(await owner.post(path(), { change: "suspend" })).toMatchObject({ status: 403 });
    expect(await owner.get("/api/lifecycle")).toMatchObject({ status: 403 });
    for (const client of [owner, operator]) {
      const commands = `/api/beacons/${ada.enrolment.beacon}/commands`;
      expect(await client.post(commands, { name: "beacon.resume", input: {} })).toMatchObject({ status: 403 });
    }
  });

  it.each([
    ["nothing", {}],
    ["a change that there is not", { change: "explode" }],
    ["deletion without a confirmation", { change: "delete" }],
    ["deletion confirmed by another name", { change: "delete", confirm: "bob" }],
    ["a rebuild that does not say what is lost", { change: "rebuild", confirm: "ada" }],
    ["another tier than there is", { change: "resize", tier: "t9" }],
    ["an owner without an address", { change: "transfer", email: "eve", confirm: "ada" }],
  ])("refuses %s", async (_what, change) => {
    expect(await operator.post(path(), change)).toMatchObject({ status: 400, body: { code: "invalid_input" } });
    expect((await operator.get("/api/lifecycle")).body).toEqual({ jobs: [] });
  });

  it("does not fail for a beacon that has left meanwhile without saying so", async () => {
    const { id } = await ask({ change: "suspend" });
    await hub.beacons.remove(ada.enrolment.beacon);
    await hub.db.updateTable("lifecycle_job").set({ wake_at: 0 }).execute();
    hub.advance(60_000);
    await hub.restart();
    expect(await untilJob(id, { state: "failed" })).toMatchObject({ problem: { code: "not_found" } });
  });
});
