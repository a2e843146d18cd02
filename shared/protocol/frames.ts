import { z } from "zod";
import { AlertEvent } from "../alerts/evaluate.ts";
import { LedgerLine } from "../api/beacon.ts";
import { Inventory } from "../inventory.ts";
import { Gap } from "../metrics/gaps.ts";
import { NumberedSpan } from "../metrics/numbered-span.ts";
import { Sample } from "../metrics/sample.ts";
import { NamedSeries, NumberedSample } from "../metrics/series-table.ts";
import { Id, Timestamp } from "../names.ts";
import { Problem, ProblemBody, parseOr } from "../problem.ts";
import { Progress } from "./progress.ts";
import { KeyId, SignedStatement } from "./statement.ts";

/** Largest frame that either side reads, in bytes of UTF-8. */
export const MAX_FRAME_BYTES = 1024 * 1024;

/** What a stream may have on its way to a reader who has not said that it was read, in characters of the JSON of its items. */
export const STREAM_WINDOW = 1024 * 1024;

/** Of the ids that an agent tells in its hello. What is not among them can be asked for. */
export const MOST_IN_HELLO = 1000;

/** Close codes of the link (RFC 6455 section 7.4.2: 4000 to 4999 are for private use). */
export const closeCodes = { refused: 4001, replaced: 4002, silent: 4003, badFrame: 4004, revoked: 4005 } as const;

const frame = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.object({ type: z.literal(type), id: Id, ...shape });

/** The hub's clock when the frame was sent; from protocol 3 on. */
const HubTime = Timestamp.optional();

/** Ids of commands. */
const CommandId = Id;

/** The one ending of a command: it holds, or it says why not. */
export const CommandResult = z.object({
  command: CommandId,
  outcome: z.enum(["done", "failed", "cancelled"]),
  /** Present unless the outcome is `done`. */
  problem: ProblemBody.optional(),
  startedAt: Timestamp,
  finishedAt: Timestamp,
  /** How many steps were carried out over all rounds. */
  steps: z.number().int().nonnegative(),
  /** From protocol 3 on: the newest lines of the beacon's ledger. */
  ledger: z.array(LedgerLine).max(100).optional(),
});
export type CommandResult = z.output<typeof CommandResult>;

/** An event of an alert, as its beacon reports it. */
export const ReportedEvent = AlertEvent.extend({
  /** Ids of channels to which the beacon itself has delivered it, while it could not reach the hub. */
  told: z.array(Id).max(100).default([]),
});
export type ReportedEvent = z.output<typeof ReportedEvent>;

const hubFrames = [
  /** First word of the hub on every connection. */
  frame("challenge", { nonce: z.string().min(16), protocol: z.number().int(), oldestProtocol: z.number().int() }),
  /** The hub accepts the agent; `statement` is a signed `WelcomeStatement`. */
  frame("welcome", { statement: SignedStatement }),
  /** The hub does not accept the agent, and closes. */
  frame("refuse", { problem: ProblemBody }),
  /** A signed `CommandStatement`. Sent again on each connection until its result has come. */
  frame("command", { statement: SignedStatement }),
  /** `actor`, who asked for it, from protocol 3 on. */
  frame("cancel", { command: CommandId, actor: z.string().max(200).optional() }),
  /** Ids of `result`, `metrics`, `report`, `history`, `gaps`, `event` and `inventory` frames whose content the hub has stored: it need not be sent again. */
  frame("ack", { of: z.array(Id).max(1000), time: HubTime }),
  /** A question that changes nothing; answered by `answer` with the same id. */
  frame("query", { name: z.string(), input: z.unknown() }),
  /** Opens a stream; its frames carry this id in `stream`. */
  frame("open", { name: z.string(), input: z.unknown() }),
  frame("close", { stream: Id }),
  /** From protocol 3 on: so much of the stream's items, in characters of JSON since its beginning, has been read. */
  frame("read", { stream: Id, characters: z.number().int().nonnegative() }),
  /** Says something to a stream that is open and has sent its first item. */
  frame("tell", { stream: Id, words: z.array(z.unknown()).min(1).max(1000) }),
  /** Somebody looks: send a `live` frame each second until this many seconds have passed. */
  frame("watch", { seconds: z.number().int().min(1).max(60) }),
  /** A signed `AlertingStatement`: on each connection, and when it has changed. */
  frame("alerting", { statement: SignedStatement }),
  /** From protocol 3 on. Signed `KeysStatement`s, oldest first: before the welcome, and when a key has been added. */
  frame("keys", { statements: z.array(SignedStatement).min(1).max(100) }),
  /** From protocol 3 on. A signed `PeopleStatement`: on each connection, and when it has changed. */
  frame("people", { statement: SignedStatement }),
  /** From protocol 3 on. A signed `LeaveStatement`: on each connection until the agent has said goodbye. */
  frame("leave", { statement: SignedStatement }),
  frame("ping", { time: HubTime }),
] as const;

const agentFrames = [
  /** Proof of the agent's key: `statement` is a signed `HelloStatement`. */
  frame("hello", {
    protocol: z.number().int(),
    agentVersion: z.string().max(40),
    statement: SignedStatement,
    /** Names of the commands that this agent knows. */
    commands: z.array(z.string()).max(500),
    /** Commands accepted and not yet ended, the oldest ones. */
    running: z.array(CommandId).max(MOST_IN_HELLO),
    /** From protocol 3 on: commands that ended, and of which the hub has not confirmed it; the oldest ones. */
    unacknowledged: z.array(CommandId).max(MOST_IN_HELLO).optional(),
    /** From protocol 3 on: ids of the hub's keys that this agent trusts. */
    hubKeys: z.array(KeyId).max(100).optional(),
  }),
  /** The command is in the journal; from here on the agent owes a result. `at`, when that was, from protocol 3 on. */
  frame("accepted", { command: CommandId, at: Timestamp.optional() }),
  /** `startedAt`, when the command itself was started, from protocol 3 on. */
  frame("progress", { progress: Progress, startedAt: Timestamp.optional() }),
  /** Sent until acknowledged; the same result may come more than once. */
  frame("result", { result: CommandResult }),
  /** Until protocol 2, in place of `series` and `report`. */
  frame("metrics", { samples: z.array(Sample).min(1).max(1000) }),
  /** From protocol 3 on. Not acknowledged: it holds for the frames that follow it on the same link. */
  frame("series", NamedSeries.shape),
  /** From protocol 3 on. Sent until acknowledged, oldest first, one frame at a time; the same sample may come more than once. */
  frame("report", { samples: z.array(NumberedSample).min(1).max(1000) }),
  /**
   * From protocol 3 on. Whole spans of times of which the hub lacks samples that are not kept any more. Sent until acknowledged, newest
   * first, one frame at a time, after all that is new; the same span may come more than once.
   */
  frame("history", { stepMs: z.number().int().positive(), spans: z.array(NumberedSpan).min(1).max(1000) }),
  /** From protocol 3 on. When nothing was measured, as far as the beacon knows. Sent until acknowledged; the same may come more than once. */
  frame("gaps", { gaps: z.array(Gap).min(1).max(100) }),
  /** Sent until acknowledged, oldest first, one frame at a time; the same event may come more than once. */
  frame("event", { events: z.array(ReportedEvent).min(1).max(100) }),
  /** A sample of this second, for those who watch; not stored. */
  frame("live", { sample: Sample }),
  frame("inventory", { inventory: Inventory }),
  frame("answer", { query: Id, output: z.unknown().optional(), problem: ProblemBody.optional() }),
  frame("data", { stream: Id, items: z.array(z.unknown()).max(1000) }),
  frame("end", { stream: Id, problem: ProblemBody.optional() }),
  /** From protocol 3 on. `statement` is a `RotateStatement` under the present key, `proof` the same under the new one. Acknowledged. */
  frame("rotate", { statement: SignedStatement, proof: SignedStatement }),
  frame("pong", { ping: Id }),
] as const;

export const HubFrame = z.discriminatedUnion("type", hubFrames);
export type HubFrame = z.output<typeof HubFrame>;
export const AgentFrame = z.discriminatedUnion("type", agentFrames);
export type AgentFrame = z.output<typeof AgentFrame>;

/** What is left to say about a frame before it has an id. */
type Unsent<Frame> = Frame extends { id: string } ? Omit<Frame, "id"> : never;
export type UnsentHubFrame = Unsent<HubFrame>;
export type UnsentAgentFrame = Unsent<AgentFrame>;

/**
 * Reads one WebSocket message.
 * @throws {Problem} `too_large` or `invalid_frame`, which names the wrong path.
 */
export function parseFrame<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes > MAX_FRAME_BYTES) {
    throw new Problem("too_large", `a frame of ${sizeBytes} bytes is over the limit of ${MAX_FRAME_BYTES}`);
  }
  return parseOr(schema, parseJson(text), "frame", "invalid_frame");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Problem("invalid_frame", "a frame is not JSON", { cause });
  }
}
