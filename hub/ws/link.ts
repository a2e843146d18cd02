import type { Logger } from "pino";
import type { WebSocket } from "ws";
import { Problem } from "#shared/problem.ts";
import { AgentFrame, closeCodes, type HubFrame, parseFrame, type UnsentHubFrame } from "#shared/protocol/frames.ts";
import type { NewId } from "../id.ts";
import { createFrameBudget } from "./frame-budget.ts";
import type { Pulse } from "./pulse.ts";

export const PING_EVERY_MS = 20_000;
export const SILENCE_MS = 50_000;
/** Beats of the pulse that links share, from one ping to the next. */
export const TICKS_PER_PING = 4;
const LAST_WORDS_MS = 1_000;
/** What may wait to be handled before the socket is no longer read. */
const MAX_WAITING = { frames: 64, bytes: 4 * 1024 * 1024 };
/** What may wait to be sent to an agent that does not read. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024;

export type CloseReason = keyof typeof closeCodes;

/** One open connection. It begins with each frame in the order in which they come, see `Handling`, and is closed by silence. */
export interface Link {
  /** @returns the id under which it went out; `undefined` when the connection is closed. */
  send(frame: UnsentHubFrame): string | undefined;
  close(reason: CloseReason | "shutdown" | "later", text?: string): void;
}

/** How a frame is handled: the next one waits for a promise, and not for what is over `later`. What waits counts until it is over. */
export type Handling = Promise<void> | Later | undefined;

interface Later {
  readonly later: Promise<void>;
}

export interface LinkParts {
  readonly socket: WebSocket;
  readonly log: Logger;
  readonly now: () => number;
  readonly newId: NewId;
  /** What it throws closes the link as a bad frame. */
  readonly onFrame: (frame: AgentFrame) => Handling;
  /** @param heardAt When anything last came, by the hub's clock. */
  readonly onClose: (heardAt: number) => void;
  readonly pulse: Pulse;
  /** Beats without a word after which the agent is gone. */
  readonly silenceTicks: number;
}

/** Takes over a socket; from here on it has an `error` listener, a keep-alive and a limit to what it may send. */
export function openLink(parts: LinkParts): Link {
  const { socket, log, now, newId, onFrame, onClose, silenceTicks } = parts;
  const budget = createFrameBudget(now);
  let silentTicks = 0;
  let heardAt = now();
  let unspokenTicks = 0;
  const waiting = { frames: 0, bytes: 0 };
  let handled: Promise<void> = Promise.resolve();
  let slowed: NodeJS.Timeout | undefined;

  const send: Link["send"] = (unsent) => {
    if (socket.readyState !== socket.OPEN) return undefined;
    const id = newId("frame");
    if (socket.bufferedAmount > MAX_UNSENT_BYTES) {
      // A farewell would wait behind all that. The agent gets everything again when it is back.
      log.warn({ unsentBytes: socket.bufferedAmount }, "an agent does not read what it is sent");
      socket.terminate();
      return undefined;
    }
    unspokenTicks = 0;
    socket.send(JSON.stringify({ ...unsent, id } satisfies HubFrame));
    return id;
  };

  const close: Link["close"] = (reason, text = reason) => {
    socket.resume();
    socket.close(codeOf(reason), text.slice(0, 120));
    // Whoever was shut out is not waited for.
    if (reason === "revoked") setTimeout(() => socket.terminate(), LAST_WORDS_MS).unref();
  };

  const begin = (text: string) => {
    if (socket.readyState !== socket.OPEN) return undefined;
    const handling = onFrame(parseFrame(AgentFrame, text));
    return handling === undefined || "later" in handling ? handling : handling.then(() => undefined);
  };
  const failed = (error: unknown): undefined => {
    const problem = Problem.wrap(error);
    log.warn({ problem, cause: problem.cause }, "a frame could not be taken in");
    close("badFrame", problem.code);
  };
  const isOver = (bytes: number) => () => {
    waiting.frames -= 1;
    waiting.bytes -= bytes;
    goOn();
  };

  const ended = (bytes: number) => (handling: Later | undefined) => {
    const over = isOver(bytes);
    if (handling === undefined) over();
    else handling.later.catch(failed).then(over);
  };

  const isFull = () => waiting.frames >= MAX_WAITING.frames || waiting.bytes >= MAX_WAITING.bytes;
  const goOn = () => {
    if (!isFull() && slowed === undefined) socket.resume();
  };

  /** What has been read already still comes, and makes it longer. */
  const slowDown = (ms: number) => {
    socket.pause();
    clearTimeout(slowed);
    slowed = setTimeout(() => {
      slowed = undefined;
      goOn();
    }, ms);
  };

  socket.on("message", (data, isBinary) => {
    heard();
    const text = isBinary ? "" : data.toString();
    waiting.frames += 1;
    waiting.bytes += text.length;
    // Nothing here keeps the text until what it said is on the disk.
    handled = handled
      .then<Later | undefined>(() => begin(text))
      .catch(failed)
      .then(ended(text.length));
    const pauseMs = budget.take(text.length);
    if (pauseMs > 0) slowDown(pauseMs);
    else if (isFull()) socket.pause();
  });
  const heard = () => {
    silentTicks = 0;
    heardAt = now();
  };
  socket.on("ping", heard);
  socket.on("pong", heard);
  socket.on("error", (error) => log.info({ error }, "the connection failed"));

  // Silence is counted in ticks and not by the clock: when this process itself stood still, what came meanwhile is not
  // read yet, and all agents would seem silent at once.
  // A ping is for who has nothing to say: either end takes any word for a sign of life.
  const leave = parts.pulse.join(() => {
    unspokenTicks += 1;
    if (!socket.isPaused) silentTicks += 1;
    if (unspokenTicks >= TICKS_PER_PING || silentTicks === TICKS_PER_PING) send({ type: "ping", time: now() });
    if (silentTicks < silenceTicks) return;
    close("silent");
    socket.terminate();
  });

  socket.on("close", () => {
    leave();
    clearTimeout(slowed);
    onClose(heardAt);
  });
  return { send, close };
}

/** RFC 6455 section 7.4.1, and the IANA registry of close codes. */
const codeOf = (reason: CloseReason | "shutdown" | "later") =>
  reason === "shutdown" ? 1001 : reason === "later" ? 1013 : closeCodes[reason];
