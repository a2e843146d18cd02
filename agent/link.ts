import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";
import { Problem, parseOr } from "#shared/problem.ts";
import {
  closeCodes,
  HubFrame,
  MAX_FRAME_BYTES,
  MOST_IN_HELLO,
  parseFrame,
  type UnsentAgentFrame,
  type UnsentHubFrame,
} from "#shared/protocol/frames.ts";
import { verify } from "#shared/protocol/signing.ts";
import { type HelloStatement, WelcomeStatement } from "#shared/protocol/statement.ts";
import { KEYS_FOLLOW_SINCE, OLDEST_PROTOCOL, PROTOCOL } from "#shared/protocol/version.ts";
import type { NewId } from "./id.ts";
import type { Identity } from "./identity.ts";
import type { CommandKeys } from "./trust/command-keys.ts";

/** Above this many bytes waiting in the socket, what can wait does. */
const CONGESTED_BYTES = 1024 * 1024;
/** Above this many the hub is not reading any more; what it must know is in the store and sent on the next link. */
const STUCK_BYTES = 16 * 1024 * 1024;
const DRAIN_POLL_MS = 20;
const CLOSE_WITHIN_MS = 2_000;
/** A frame may wait behind others. */
const UNDER_WAY_MS = 10_000;
/** RFC 6455 section 7.4.1. */
const NORMAL_CLOSURE = 1000;

/** The frames of a link that stands; those of the handshake stay in here. */
export type WorkFrame = Exclude<HubFrame, { type: "challenge" | "welcome" | "refuse" | "keys" }>;

/** A link that the hub has welcomed. */
export interface Link {
  /** Aborted when the link is over; after that nothing is sent any more. */
  readonly signal: AbortSignal;
  /** Gives the id of the frame. What must arrive is kept in the store until it is acknowledged. */
  readonly send: (frame: UnsentAgentFrame) => string;
  /** Whether what can wait should. */
  readonly congested: () => boolean;
  /** Settles when the link can take more, or is over. */
  readonly drained: () => Promise<void>;
  /** What both sides speak: a frame of a later protocol must not be sent. */
  readonly protocol: () => number;
  /** The hub's clock, in milliseconds since the epoch. */
  readonly hubTime: () => number;
  /** Ends this link, so that the next one is dialled. */
  readonly redial: (why: string) => void;
}

export interface LinkEnd {
  readonly welcomed: boolean;
  /** The hub said that it does not want this agent, or not now. */
  readonly refused: boolean;
  /** When the hub, which has no room at this moment, said that this agent may come again. */
  readonly comeAgainMs?: number | undefined;
  readonly problem: Problem;
}

export interface LinkOptions {
  /** Origin of the hub. */
  readonly hub: string;
  readonly beacon: string;
  readonly keys: Pick<CommandKeys, "current" | "learn">;
  readonly identity: Pick<Identity, "sign">;
  readonly agentVersion: string;
  readonly commands: readonly string[];
  /** Ids of the hub's commands that have not ended. */
  readonly running: () => readonly string[];
  /** Ids of those that have, and whose results the hub has not confirmed. */
  readonly unacknowledged: () => readonly string[];
  readonly newId: NewId;
  /** Milliseconds that only ever grow. */
  readonly monotonic: () => number;
  /** Nothing heard for so long: the link is dead. */
  readonly silentMs: number;
  readonly pingMs: number;
  readonly onWelcome: (link: Link) => void;
  /** The hub's clock shows a time between these two this moment. */
  readonly onHubTime: (hub: { from: number; to: number }) => void;
  /** @throws {Problem} `invalid_frame`, which ends the link */
  readonly onFrame: (frame: WorkFrame, link: Link) => void;
}

type Handshake = "dialling" | "challenged" | "welcomed";

/** Dials the hub once and settles when that link is over, whatever ended it. It never rejects. */
export function runLink(options: LinkOptions, stop: AbortSignal): Promise<LinkEnd> {
  const { hub, beacon, silentMs, pingMs } = options;
  // A variable of its own because the published types do not know closeTimeout yet.
  const socketOptions = {
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    handshakeTimeout: silentMs,
    closeTimeout: CLOSE_WITHIN_MS,
  };
  const socket = new WebSocket(`${hub.replace(/^http/, "ws")}/api/agent/link`, socketOptions);
  const over = new AbortController();
  const nonce = options.newId("nonce");
  let state: Handshake = "dialling";
  let greetedAt = 0;
  let heardAt = { hub: 0, monotonic: 0 };
  let protocol = OLDEST_PROTOCOL;
  let ending: Omit<LinkEnd, "welcomed"> | undefined;

  /** The first reason given is the one that is told. */
  const end = (problem: Problem, code: number, refused = false) => {
    if (ending !== undefined) return;
    ending = { problem, refused };
    socket.close(code, problem.code);
  };
  const silence = setTimeout(() => {
    ending ??= {
      problem: new Problem("timed_out", `nothing came from the hub for ${silentMs} ms`),
      refused: false,
    };
    socket.terminate();
  }, silentMs);
  let heard = false;
  // What came is a sign of life by itself; only after a silence the hub is asked for one.
  const pings = setInterval(() => {
    if (socket.readyState === WebSocket.OPEN && !heard) socket.ping();
    heard = false;
  }, pingMs);
  const hear = () => {
    heard = true;
    silence.refresh();
  };

  const congested = () => socket.bufferedAmount > CONGESTED_BYTES;
  const link: Link = {
    signal: over.signal,
    send: (frame) => {
      const id = options.newId("frm");
      if (socket.readyState !== WebSocket.OPEN) return id;
      if (socket.bufferedAmount > STUCK_BYTES) {
        ending ??= { problem: new Problem("timed_out", "the hub does not read what it is sent"), refused: false };
        socket.terminate();
        return id;
      }
      socket.send(JSON.stringify({ ...frame, id }));
      return id;
    },
    congested,
    drained: async () => {
      while (congested() && !over.signal.aborted) await delay(DRAIN_POLL_MS);
    },
    protocol: () => protocol,
    redial: (why) => end(new Problem("unavailable", why), NORMAL_CLOSURE),
    hubTime: () => Math.round(heardAt.hub + options.monotonic() - heardAt.monotonic),
  };
  /** The hub's clock shows a time between these two this moment. It may have been set since it was heard last. */
  const hearTime = (from: number, to: number) => {
    const at = link.hubTime();
    if (at < from || at > to) heardAt = { hub: (from + to) / 2, monotonic: options.monotonic() };
    options.onHubTime({ from, to });
  };

  const handshake = {
    challenge: (frame: Extract<UnsentHubFrame, { type: "challenge" }>) => {
      if (frame.protocol < OLDEST_PROTOCOL) {
        throw new Problem("protocol_unsupported", `the hub speaks protocol ${frame.protocol}, which is too old`, {
          hint: `Update the hub to one that speaks protocol ${OLDEST_PROTOCOL} or newer.`,
        });
      }
      state = "challenged";
      greetedAt = options.monotonic();
      const statement: HelloStatement = { beacon, challenge: frame.nonce, nonce, hub };
      link.send({
        type: "hello",
        protocol: Math.min(PROTOCOL, frame.protocol),
        agentVersion: options.agentVersion,
        statement: options.identity.sign("hello", statement, beacon),
        commands: [...options.commands],
        running: options.running().slice(0, MOST_IN_HELLO),
        unacknowledged: options.unacknowledged().slice(0, MOST_IN_HELLO),
        ...(frame.protocol < KEYS_FOLLOW_SINCE ? {} : { hubKeys: Object.keys(options.keys.current()) }),
      });
    },
    welcome: (frame: Extract<UnsentHubFrame, { type: "welcome" }>) => {
      const payload: unknown = JSON.parse(verify("welcome", frame.statement, options.keys.current()));
      const welcome = parseOr(WelcomeStatement, payload, "the hub's welcome", "invalid_frame");
      if (welcome.beacon !== beacon || welcome.nonce !== nonce) {
        throw new Problem("signature_invalid", "the hub's welcome was not meant for this link", {
          hint: "Somebody may be between this beacon and its hub.",
        });
      }
      // The hub read its clock somewhere on the way there and back.
      const awayMs = options.monotonic() - greetedAt;
      hearTime(welcome.time, welcome.time + awayMs);
      protocol = welcome.protocol;
      state = "welcomed";
      options.onWelcome(link);
    },
  };

  const handle = (frame: HubFrame) => {
    if (frame.type === "refuse") return end(Problem.from(frame.problem), closeCodes.refused, true);
    if (frame.type === "keys" && state !== "dialling") return options.keys.learn(frame.statements);
    if (frame.type === "challenge" && state === "dialling") return handshake.challenge(frame);
    if (frame.type === "welcome" && state === "challenged") return handshake.welcome(frame);
    if (isWork(frame) && state === "welcomed") {
      if ("time" in frame && frame.time !== undefined) {
        hearTime(frame.time, frame.time + UNDER_WAY_MS);
      }
      return options.onFrame(frame, link);
    }
    throw new Problem("invalid_frame", `a frame of type ${frame.type} came while the link was ${state}`);
  };

  socket.on("message", (data, isBinary) => {
    hear();
    if (ending !== undefined) return;
    try {
      if (isBinary) throw new Problem("invalid_frame", "a frame is not text");
      handle(parseFrame(HubFrame, data.toString()));
    } catch (thrown) {
      end(Problem.wrap(thrown), closeCodes.badFrame);
    }
  });
  socket.on("ping", hear);
  socket.on("pong", hear);
  socket.on("error", (cause) => {
    ending ??= { problem: problemOf(cause, hub), refused: false };
  });

  socket.on("unexpected-response", (_request, { statusCode = 0, headers }) => {
    ending ??= {
      problem: new Problem("unavailable", `the hub ${hub} answered the call for a link with ${statusCode}`),
      refused: false,
      comeAgainMs: retryAfterMs(headers["retry-after"]),
    };
    socket.terminate();
  });

  const stopLink = () => {
    ending ??= { problem: new Problem("cancelled", "the agent stops"), refused: false };
    socket.close(1001);
  };
  if (stop.aborted) stopLink();
  stop.addEventListener("abort", stopLink, { once: true });

  return new Promise((resolve) => {
    socket.on("close", (code) => {
      clearTimeout(silence);
      clearInterval(pings);
      stop.removeEventListener("abort", stopLink);
      over.abort();
      resolve({ welcomed: state === "welcomed", ...(ending ?? endOf(code)) });
    });
  });
}

const isWork = (frame: HubFrame): frame is WorkFrame =>
  frame.type !== "challenge" && frame.type !== "welcome" && frame.type !== "refuse" && frame.type !== "keys";

/** Seconds (RFC 9110 section 10.2.3); its other form, a date, is of clocks that may differ. */
const retryAfterMs = (header: string | undefined) =>
  /^\d{1,6}$/.test(header ?? "") ? Number(header) * 1000 : undefined;

/** What `ws` says of a message over `maxPayload`, see https://github.com/websockets/ws/blob/8.18.0/doc/ws.md#error-codes */
const OVERSIZED = "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";

function problemOf(cause: Error & { code?: string }, hub: string): Problem {
  if (cause.code === OVERSIZED) {
    return new Problem("too_large", `the hub sent a frame of more than ${MAX_FRAME_BYTES} bytes`, { cause });
  }
  return new Problem("unavailable", `the link to the hub ${hub} failed`, { cause });
}

function endOf(code: number): Omit<LinkEnd, "welcomed"> {
  const wanted: readonly number[] = [closeCodes.refused, closeCodes.replaced, closeCodes.revoked];
  const refused = wanted.includes(code);
  const problem =
    code === closeCodes.replaced
      ? new Problem("conflict", "another agent has taken over this beacon's link", {
          hint: "Only one agent may run with this beacon's key. Look for a copy of this server.",
        })
      : code === closeCodes.revoked
        ? new Problem("beacon_revoked", "the hub has shut this beacon's agent out", {
            hint: "What runs on the beacon goes on. The operator of the hub can make a new enrolment token for it.",
          })
        : refused
          ? new Problem("key_refused", `the hub ended the link with code ${code}`, {
              hint: "Ask the operator of the hub whether this beacon is still in the fleet.",
            })
          : new Problem("unavailable", `the hub closed the link with code ${code}`);
  return { problem, refused };
}
