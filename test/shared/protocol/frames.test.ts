import { describe, expect, it } from "vitest";
import { Problem } from "#shared/problem.ts";
import { AgentFrame, HubFrame, MAX_FRAME_BYTES, parseFrame } from "#shared/protocol/frames.ts";

const id = "frm_00000000";
const statement = { payload: "{}", signature: "A".repeat(86), key: "hub-1" };
const sample = { at: 1, values: { cpu_percent: 12.5 } };

const hubFrames = [
  { type: "challenge", id, nonce: "n".repeat(16), protocol: 1, oldestProtocol: 1 },
  { type: "welcome", id, statement },
  { type: "refuse", id, problem: { code: "key_refused", message: "no" } },
  { type: "command", id, statement },
  { type: "cancel", id, command: "cmd_00000000" },
  { type: "ack", id, of: ["cmd_00000000"] },
  { type: "query", id, name: "plan", input: { any: "thing" } },
  { type: "open", id, name: "logs", input: {} },
  { type: "close", id, stream: "str_00000000" },
  { type: "read", id, stream: "str_00000000", characters: 12 },
  { type: "tell", id, stream: "str_00000000", words: [{ type: "eof" }] },
  { type: "watch", id, seconds: 30 },
  { type: "alerting", id, statement },
  { type: "keys", id, statements: [statement] },
  { type: "people", id, statement },
  { type: "leave", id, statement },
  { type: "ping", id, time: 1 },
];

const event = {
  id: "disk-full / 1 fired",
  rule: "disk-full",
  subject: "/",
  kind: "fired",
  severity: "critical",
  title: "The disk at / is 97 % full",
  value: 97,
  at: 1,
  firedAt: 1,
  told: ["chn_00000000"],
} as const;

const agentFrames = [
  { type: "hello", id, protocol: 1, agentVersion: "1.0.0", statement, commands: ["module.install"], running: [] },
  { type: "accepted", id, command: "cmd_00000000" },
  { type: "progress", id, progress: { command: "cmd_00000000", at: 1, step: 1, steps: 3, title: "Pull", percent: 50 } },
  { type: "result", id, result: { command: "cmd_00000000", outcome: "done", startedAt: 1, finishedAt: 2, steps: 3 } },
  { type: "metrics", id, samples: [sample] },
  { type: "series", id, from: 3, names: ["load_1"] },
  { type: "report", id, samples: [{ at: 1, values: [12.5, null, -1e300] }] },
  {
    type: "history",
    id,
    stepMs: 60_000,
    spans: [{ at: 60_000, min: [1, null], mean: [2, null], max: [3, null], count: [6, null] }],
  },
  { type: "gaps", id, gaps: [{ from: 1, to: 2, reason: "beacon-off" }] },
  { type: "event", id, events: [event] },
  { type: "live", id, sample },
  { type: "answer", id, query: "qry_00000000", output: { steps: [] } },
  { type: "data", id, stream: "str_00000000", items: [1, "two"] },
  { type: "end", id, stream: "str_00000000" },
  { type: "rotate", id, statement, proof: statement },
  { type: "pong", id, ping: "frm_00000001" },
];

const refusal = (schema: typeof HubFrame | typeof AgentFrame, text: string): unknown => {
  try {
    return parseFrame(schema, text);
  } catch (error) {
    return error;
  }
};

describe("frames", () => {
  it.each(hubFrames)("of the hub cross the wire: $type", (frame) => {
    expect(parseFrame(HubFrame, JSON.stringify(frame))).toEqual(frame);
  });

  it.each(agentFrames)("of the agent cross the wire: $type", (frame) => {
    expect(parseFrame(AgentFrame, JSON.stringify(frame))).toEqual(frame);
  });

  it("are all tried here", () => {
    const types = (schema: typeof HubFrame | typeof AgentFrame) =>
      schema.options.map((option) => option.shape.type.value).sort();
    expect(hubFrames.map(({ type }) => type).sort()).toEqual(types(HubFrame));
    const agentTypes = [...agentFrames.map(({ type }) => type), "inventory"].sort();
    expect(agentTypes).toEqual(types(AgentFrame));
  });

  it("may hold more than this side knows, which is left out", () => {
    expect(parseFrame(HubFrame, JSON.stringify({ type: "ping", id, more: 1 }))).toEqual({ type: "ping", id });
  });

  it.each([
    ["not JSON", "{"],
    ["empty", ""],
    ["null", "null"],
    ["a list", "[]"],
    ["a text", '"ping"'],
    ["without a type", JSON.stringify({ id })],
    ["of an unknown type", JSON.stringify({ type: "reboot", id })],
    ["of an inherited type", JSON.stringify({ type: "constructor", id })],
    ["without an id", JSON.stringify({ type: "ping" })],
    ["with an id of another form", JSON.stringify({ type: "ping", id: "../../etc/passwd" })],
    ["of the other side", JSON.stringify(agentFrames[0])],
    ["with a short nonce", JSON.stringify({ ...hubFrames[0], nonce: "n" })],
    [
      "with a signature of another length",
      JSON.stringify({ ...hubFrames[3], statement: { ...statement, signature: "A" } }),
    ],
    ["with too much to acknowledge", JSON.stringify({ type: "ack", id, of: Array(1001).fill(id) })],
    ["that watches for ever", JSON.stringify({ type: "watch", id, seconds: 3600 })],
    ["with a problem of an unknown code", JSON.stringify({ type: "refuse", id, problem: { code: "x", message: "x" } })],
  ])("are refused: %s", (_what, text) => {
    const error = refusal(HubFrame, text);
    expect(error).toBeInstanceOf(Problem);
    expect(error).toMatchObject({ code: "invalid_frame" });
  });

  it.each([
    [
      "a result without an outcome",
      { type: "result", id, result: { command: id, startedAt: 1, finishedAt: 2, steps: 0 } },
    ],
    ["series without a name", { type: "series", id, from: 0, names: [] }],
    ["series from nowhere", { type: "series", id, from: -1, names: ["load_1"] }],
    ["a report without a sample", { type: "report", id, samples: [] }],
    ["a report with text for a number", { type: "report", id, samples: [{ at: 1, values: [1, "2"] }] }],
    ["a report with an object for its values", { type: "report", id, samples: [{ at: 1, values: { length: 0 } }] }],
    ["a report of half a millisecond", { type: "report", id, samples: [{ at: 1.5, values: [1] }] }],
    ["a report with too many values", { type: "report", id, samples: [{ at: 1, values: Array(10_001).fill(1) }] }],
    ["metrics without a sample", { type: "metrics", id, samples: [] }],
    ["a value that is no number", { type: "metrics", id, samples: [{ at: 1, values: { cpu_percent: "high" } }] }],
    [
      "more than all",
      { type: "progress", id, progress: { command: id, at: 1, step: 1, steps: 1, title: "", percent: 101 } },
    ],
  ])("of the agent are refused: %s", (_what, frame) => {
    expect(refusal(AgentFrame, JSON.stringify(frame))).toMatchObject({ code: "invalid_frame" });
  });

  it("say where they are wrong, and not what they hold", () => {
    const error = refusal(HubFrame, JSON.stringify({ type: "watch", id, seconds: "secret" }));
    expect(error).toMatchObject({ message: "frame is not valid: seconds: expected number, received string" });
  });

  it("are refused before they are read when they are too large", () => {
    const text = "x".repeat(MAX_FRAME_BYTES + 1);
    expect(refusal(HubFrame, text)).toMatchObject({ code: "too_large" });
  });

  it("are measured in bytes", () => {
    const text = JSON.stringify({ type: "query", id, name: "plan", input: "€".repeat(MAX_FRAME_BYTES / 2) });
    expect(text.length).toBeLessThan(MAX_FRAME_BYTES);
    expect(refusal(HubFrame, text)).toMatchObject({ code: "too_large" });
  });
});
