import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeCodes, MAX_FRAME_BYTES } from "#shared/protocol/frames.ts";
import { until } from "../provisioning/until.ts";
import { dial, type TestLink } from "../test-agent.ts";
import { startTestHub, type TestBeacon, type TestHub } from "../test-hub.ts";

let hub: TestHub;
let beacon: TestBeacon;
beforeAll(async () => {
  hub = await startTestHub();
  beacon = await hub.enrolled("ada");
});
afterAll(() => hub.stop());

const frame = (more: object) => JSON.stringify({ id: "frm_12345678", ...more });

describe("a frame that is", () => {
  const wrong: [string, string | Buffer][] = [
    ["no JSON", "{"],
    ["empty", ""],
    ["an array", "[]"],
    ["binary", Buffer.from("{}")],
    ["of an unknown type", frame({ type: "sudo" })],
    ["of a type that is a property of every object", frame({ type: "constructor" })],
    ["without an id", JSON.stringify({ type: "pong", ping: "frm_12345678" })],
    ["with an id of the wrong form", JSON.stringify({ type: "pong", id: "1", ping: "frm_12345678" })],
    ["one of the hub's", frame({ type: "ping" })],
    ["a result without its outcome", frame({ type: "result", result: { command: "cmd_12345678" } })],
    ["metrics without samples", frame({ type: "metrics", samples: [] })],
    ["metrics with text for a number", frame({ type: "metrics", samples: [{ at: 1, values: { cpu_percent: "1" } }] })],
    ["a report of series without names", frame({ type: "report", samples: [{ at: 1, values: [1] }] })],
    ["a name for a number beyond the next", frame({ type: "series", from: 1, names: ["load_1"] })],
    ["a name with two numbers", frame({ type: "series", from: 0, names: ["load_1", "load_1"] })],
    ["a second hello", frame({ type: "hello", protocol: 1, agentVersion: "1", commands: [], running: [] })],
  ];

  it.each(wrong)("%s closes the link, and the agent may come back", async (_, text) => {
    const link = await beacon.connect();
    link.sendRaw(text);
    expect(await link.closed).toMatchObject({ code: closeCodes.badFrame });
    await (await beacon.connect()).close();
  });

  it("over the limit is not even read", async () => {
    const link = await beacon.connect();
    link.sendRaw("x".repeat(MAX_FRAME_BYTES + 1));
    expect((await link.closed).code).toBe(1009);
  });
});

describe("before its hello an agent", () => {
  it("may say nothing else", async () => {
    const link = await dial(hub.url);
    link.send({ type: "pong", ping: "frm_12345678" });
    expect(await link.closed).toEqual({ code: closeCodes.badFrame, reason: "invalid_frame" });
  });

  it("may not send another agent's results", async () => {
    const link = await dial(hub.url);
    const times = { startedAt: 1, finishedAt: 2, steps: 1 };
    link.send({ type: "result", result: { command: "cmd_12345678", outcome: "done", ...times } });
    expect((await link.closed).code).toBe(closeCodes.badFrame);
  });
});

describe("a link", () => {
  let patient: TestHub;
  let other: TestBeacon;
  beforeAll(async () => {
    patient = await startTestHub({}, { helloMs: 1000, pingEveryMs: 100, silenceMs: 1000 });
    other = await patient.enrolled("bob");
  });
  afterAll(() => patient.stop());

  it("is closed when no hello comes", async () => {
    expect((await (await dial(patient.url)).closed).code).toBe(closeCodes.silent);
  });

  it("is closed when the agent falls silent", async () => {
    const link = await other.connect();
    await link.take("ping");
    // The hub does not wait for an answer to its close frame: a dead agent would never send one.
    expect([closeCodes.silent, 1006]).toContain((await link.closed).code);
    // It was last seen when it last said something, not when the hub noticed.
    const saidUntil = Date.now() - 800;
    await until(
      () => patient.beacons.get(other.enrolment.beacon),
      (beacon) => beacon?.lastSeenAt !== undefined && beacon.lastSeenAt <= saidUntil,
    );
  });

  it("stays open as long as pings are answered", async () => {
    const link = await other.connect();
    for (let answered = 0; answered < 20; answered++) {
      const { id } = await link.take("ping");
      link.send({ type: "pong", ping: id });
    }
    await expectOpen(link);
  });

  it("slows a flood down and loses nothing of it", async () => {
    const link = await beacon.connect();
    const at = hub.now();
    const send = (nth: number) =>
      link.send({ type: "metrics", samples: [{ at: at - nth, values: { cpu_percent: 1 } }] });
    for (let nth = 0; nth < 600; nth++) send(nth);
    const acknowledged = new Set<string>();
    while (acknowledged.size < 600) for (const id of (await link.take("ack")).of) acknowledged.add(id);
    // What was under way is taken in at once, and what comes then has to wait for it.
    send(600);
    while (acknowledged.size < 601) for (const id of (await link.take("ack")).of) acknowledged.add(id);
    expect(hub.now() - at).toBeGreaterThan(900);
    await link.close();
  });
});

async function expectOpen(link: TestLink) {
  await link.take("ping");
  await link.close();
}
