import { generateKeyPairSync } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Reconcile } from "#agent/reconcile.ts";
import { Problem } from "#shared/problem.ts";
import { sign } from "#shared/protocol/signing.ts";
import { BEACON, type FakeHub, startFakeHub } from "./fake-hub.ts";
import { type LinkedAgentOptions, startLinkedAgent } from "./linked-agent.ts";

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function setUp(options: LinkedAgentOptions = {}, behaviour = {}) {
  const hub = await startFakeHub(behaviour);
  cleanUps.push(() => hub.stop());
  const agent = startLinkedAgent(hub, options);
  cleanUps.push(agent.stop);
  await hub.welcomed(1);
  return { hub, agent };
}

const resultOf = (hub: FakeHub, id: string) => hub.frame("result", ({ result }) => result.command === id);
const resultsOf = (hub: FakeHub, id: string) =>
  hub.frames.filter((frame) => frame.type === "result").filter(({ result }) => result.command === id);
/** Settles when the agent has handled everything that was sent before. */
async function settled(hub: FakeHub) {
  const ping = hub.send({ type: "ping" });
  await hub.frame("pong", (frame) => frame.ping === ping);
}
const ID = "cmd_00000000-0001";

describe("a command", () => {
  it("is accepted, runs, tells its progress, and ends in one result that the hub confirms", async () => {
    const reconcile: Reconcile = async ({ id, onProgress, onStep }) => {
      onProgress({ command: id, at: 1, step: 1, steps: 2, title: "Pull image" });
      onStep();
    };
    const { hub, agent } = await setUp({ reconcile });
    hub.send({ type: "command", statement: hub.statement({ id: ID }) });
    expect((await hub.frame("accepted")).command).toBe(ID);
    expect((await resultOf(hub, ID)).result).toMatchObject({ outcome: "done", steps: 1 });
    expect((await hub.frame("progress")).progress).toMatchObject({ command: ID, title: "Pull image" });
    await vi.waitFor(() => expect(agent.queue.unacknowledged()).toEqual([]));
    await settled(hub);
    expect(resultsOf(hub, ID)).toHaveLength(1);
  });

  it("that fails says why", async () => {
    const reconcile = () => Promise.reject(new Problem("image_missing", "there is no image x", { hint: "Check it." }));
    const { hub } = await setUp({ reconcile });
    hub.send({ type: "command", statement: hub.statement({ id: ID }) });
    expect((await resultOf(hub, ID)).result).toMatchObject({
      outcome: "failed",
      problem: { code: "image_missing", hint: "Check it." },
    });
  });

  it("that is delivered again runs once and is answered from the journal", async () => {
    let runs = 0;
    const reconcile = async () => {
      runs += 1;
    };
    const { hub, agent } = await setUp({ reconcile }, { acknowledge: false });
    const statement = hub.statement({ id: ID });
    hub.send({ type: "command", statement });
    await resultOf(hub, ID);
    hub.send({ type: "command", statement });
    hub.send({ type: "command", statement });
    await settled(hub);
    expect(runs).toBe(1);
    const results = resultsOf(hub, ID);
    expect(results).toHaveLength(3);
    expect(new Set(results.map(({ result }) => JSON.stringify(result))).size).toBe(1);
    agent.queue.acknowledge([ID]);
    hub.send({ type: "command", statement });
    await settled(hub);
    expect(resultsOf(hub, ID).at(-1)?.result).toMatchObject({ outcome: "done" });
    expect(runs).toBe(1);
  });

  it("that runs and is delivered again is accepted again, even after its time", async () => {
    const { hub, agent } = await setUp({
      reconcile: ({ stop }) => new Promise((_done, fail) => stop.addEventListener("abort", () => fail(stop.reason))),
    });
    const statement = hub.statement({ id: ID, expiresAt: hub.now() + 200 });
    hub.send({ type: "command", statement });
    await hub.frame("accepted");
    await vi.waitFor(() => expect(hub.now()).toBeGreaterThan(JSON.parse(statement.payload).expiresAt), 5000);
    hub.send({ type: "command", statement });
    await settled(hub);
    expect(hub.frames.filter(({ type }) => type === "accepted")).toHaveLength(2);
    expect(resultsOf(hub, ID)).toEqual([]);
    expect(agent.queue.open()).toEqual([ID]);
  });

  it("can be broken off", async () => {
    const reconcile: Reconcile = ({ cancel }) =>
      new Promise((_done, fail) => cancel.addEventListener("abort", () => fail(cancel.reason)));
    const { hub, agent } = await setUp({ reconcile });
    hub.send({ type: "command", statement: hub.statement({ id: ID }) });
    await vi.waitFor(() => expect(agent.queue.get(ID)?.state).toBe("running"));
    hub.send({ type: "cancel", command: ID });
    expect((await resultOf(hub, ID)).result).toMatchObject({ outcome: "cancelled", problem: { code: "cancelled" } });
  });

  it("that nobody knows can be cancelled without harm", async () => {
    const { hub } = await setUp();
    hub.send({ type: "cancel", command: "cmd_unknown-1234" });
    await settled(hub);
    expect(hub.closed).toEqual([]);
  });
});

describe("a command that is refused", () => {
  const stranger = generateKeyPairSync("ed25519").privateKey;
  const refused: [string, string, (hub: FakeHub) => ReturnType<FakeHub["statement"]>][] = [
    [
      "under another key",
      "signature_invalid",
      (hub) => sign("command", JSON.parse(hub.statement({ id: ID }).payload), stranger, "key_command"),
    ],
    ["under an unknown key", "signature_invalid", (hub) => ({ ...hub.statement({ id: ID }), key: "key_other" })],
    [
      "changed on its way",
      "signature_invalid",
      (hub) => {
        const statement = hub.statement({ id: ID });
        return { ...statement, payload: statement.payload.replace("redis", "caddy") };
      },
    ],
    ["for another beacon", "wrong_beacon", (hub) => hub.statement({ id: ID, beacon: "bcn_somebody-else" })],
  ];
  it.each(refused)("%s has one result that says so, and leaves no trace", async (_what, code, statement) => {
    const { hub, agent } = await setUp();
    hub.send({ type: "command", statement: statement(hub) });
    expect((await resultOf(hub, ID)).result).toMatchObject({ outcome: "failed", problem: { code }, steps: 0 });
    await settled(hub);
    expect(resultsOf(hub, ID)).toHaveLength(1);
    expect(agent.queue.list(10)).toEqual([]);
    expect(hub.closed).toEqual([]);
    hub.send({ type: "command", statement: hub.statement({ id: ID }) });
    await hub.frame("accepted");
  });

  it("after its time is written down as such, and is not done when it comes once more", async () => {
    const { hub, agent } = await setUp({}, { acknowledge: false });
    hub.send({ type: "command", statement: hub.statement({ id: ID, expiresAt: hub.now() - 10_000 }) });
    const { result } = await resultOf(hub, ID);
    expect(result).toMatchObject({ outcome: "failed", problem: { code: "command_expired" }, steps: 0 });
    expect(result.ledger).toMatchObject([{ state: "expired", actor: "agent" }]);
    expect(agent.queue.get(ID)).toMatchObject({ state: "expired" });
    hub.send({ type: "command", statement: hub.statement({ id: ID }) });
    await settled(hub);
    expect(resultsOf(hub, ID)).toHaveLength(2);
    expect(hub.frames.filter(({ type }) => type === "accepted")).toEqual([]);
  });

  it("cannot take the result of one that is known", async () => {
    const { hub, agent } = await setUp({
      reconcile: ({ stop }) => new Promise((_done, fail) => stop.addEventListener("abort", () => fail(stop.reason))),
    });
    const statement = hub.statement({ id: ID });
    hub.send({ type: "command", statement });
    await hub.frame("accepted");
    hub.send({ type: "command", statement: { ...statement, payload: statement.payload.replace("redis", "caddy") } });
    await settled(hub);
    expect(resultsOf(hub, ID)).toEqual([]);
    expect(agent.queue.get(ID)?.state).toBe("running");
  });

  it("because nobody knows it, or its input is wrong, has a result as well", async () => {
    const { hub } = await setUp();
    hub.send({ type: "command", statement: hub.statement({ id: ID, name: "beacon.explode" }) });
    expect((await resultOf(hub, ID)).result.problem?.code).toBe("unknown_command");
    const other = "cmd_00000000-0002";
    hub.send({ type: "command", statement: hub.statement({ id: other, sequence: 2, input: { module: 7 } }) });
    expect((await resultOf(hub, other)).result.problem).toMatchObject({ code: "invalid_input" });
  });

  it("is judged by the hub's clock, not by the beacon's", async () => {
    const { hub } = await setUp({}, { aheadMs: 86_400_000 });
    hub.send({ type: "command", statement: hub.statement({ id: ID, expiresAt: Date.now() + 60_000 }) });
    expect((await resultOf(hub, ID)).result.problem?.code).toBe("command_expired");
    const other = "cmd_00000000-0002";
    hub.send({ type: "command", statement: hub.statement({ id: other, sequence: 2 }) });
    expect((await resultOf(hub, other)).result.outcome).toBe("done");
  });

  it("is judged by the hub's clock as it was heard last, also after that was set", async () => {
    const HOUR = 3_600_000;
    const { hub } = await setUp();
    // Set back: what it gives for a minute is not late.
    hub.send({ type: "ping", time: Date.now() - 5 * HOUR });
    hub.send({ type: "command", statement: hub.statement({ id: ID, expiresAt: Date.now() - 5 * HOUR + 60_000 }) });
    expect((await resultOf(hub, ID)).result.outcome).toBe("done");
    hub.send({ type: "ping", time: Date.now() + 5 * HOUR });
    const late = "cmd_00000000-0002";
    const expiresAt = Date.now() + 60_000;
    hub.send({ type: "command", statement: hub.statement({ id: late, sequence: 2, expiresAt }) });
    expect((await resultOf(hub, late)).result.problem?.code).toBe("command_expired");
  });

  it("and has not even an id ends the link, and the agent comes back", async () => {
    const { hub } = await setUp();
    hub.send({ type: "command", statement: { ...hub.statement({}), payload: "[]" } });
    await hub.welcomed(2);
    expect(hub.closed[0]).toEqual({ code: 4004, reason: "invalid_frame" });
  });
});

describe("questions", () => {
  it("are answered under their id", async () => {
    const { hub } = await setUp();
    const query = hub.send({ type: "query", name: "plan", input: { name: "module.install", input: {} } });
    expect(await hub.frame("answer")).toMatchObject({ query, output: { steps: [{ title: "module.install" }] } });
  });

  it.each([
    ["constructor", {}, "not_found"],
    ["plan", { name: 7 }, "invalid_input"],
  ])("that are wrong are answered with a problem: %s %j", async (name, input, code) => {
    const { hub } = await setUp();
    const query = hub.send({ type: "query", name, input });
    expect(await hub.frame("answer")).toMatchObject({ query, problem: { code } });
    expect(BEACON).toBe(hub.enrolment.beacon);
  });
});

describe("ping and watch", () => {
  it("answers a ping", async () => {
    const { hub } = await setUp();
    await settled(hub);
  });

  it("sends live samples while it is watched, and not after", async () => {
    const { hub } = await setUp();
    hub.send({ type: "watch", seconds: 1 });
    expect((await hub.frame("live")).sample.values).toEqual({ load_1: 1 });
    const count = () => hub.frames.filter(({ type }) => type === "live").length;
    let last = -1;
    await vi.waitFor(
      () => {
        const now = count();
        const before = last;
        last = now;
        expect(now).toBe(before);
      },
      { timeout: 5000, interval: 200 },
    );
    expect(count()).toBeGreaterThan(10);
  });
});
