import type { Logger } from "pino";
import type { WebSocket } from "ws";
import { Problem } from "#shared/problem.ts";
import {
  AgentFrame,
  closeCodes,
  HubFrame,
  type HubFrame as HubFrameType,
  parseFrame,
  type UnsentHubFrame,
} from "#shared/protocol/frames.ts";
import type { NewId } from "../id.ts";
import { createFrameBudget } from "./frame-budget.ts";

export const PING_EVERY_MS = 20_000;
export const SILENCE_MS = 50_000;
const TICKS_PER_PING = 4;
/** What may wait to be handled before the socket is no longer read. */
const MAX_WAITING = 64;
/** What may wait to be sent to an agent that does not read. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024;

export type CloseReason = keyof typeof closeCodes;

/** One open connection. It reads frames one after the other, in order, and is closed by silence. */
export interface Link {
  /** @returns the id under which it went out; `undefined` when the connection is closed. */
  send(frame: UnsentHubFrame): string | undefined;
  close(reason: CloseReason | "shutdown", text?: string): void;
}

export interface LinkParts {
  readonly socket: WebSocket;
  readonly log: Logger;
  readonly now: () => number;
  readonly newId: NewId;
  /** Awaited before the next frame is handled. What it throws closes the link as a bad frame. */
  readonly onFrame: (frame: AgentFrame) => Promise<void> | void;
  readonly onClose: () => void;
  readonly pingEveryMs?: number | undefined;
  readonly silenceMs?: number | undefined;
}

/** Takes over a socket; from here on it has an `error` listener, a keep-alive and a limit to what it may send. */
export function openLink(parts: LinkParts): Link {
  const { socket, log, now, newId, onFrame, onClose } = parts;
  const budget = createFrameBudget(now);
  let silentTicks = 0;
  let waiting = 0;
  let handled: Promise<void> = Promise.resolve();
  let slowed: NodeJS.Timeout | undefined;

  const send: Link["send"] = (unsent) => {
    if (socket.readyState !== socket.OPEN) return undefined;
    const id = newId("frame");
    const frame: HubFrameType = HubFrame.parse({ ...unsent, id });
    if (socket.bufferedAmount > MAX_UNSENT_BYTES) {
      close("silent", "too much is waiting to be read");
      return undefined;
    }
    socket.send(JSON.stringify(frame));
    return id;
  };

  const close: Link["close"] = (reason, text = reason) => {
    socket.resume();
    socket.close(reason === "shutdown" ? GOING_AWAY : closeCodes[reason], text.slice(0, 120));
  };

  const handle = async (text: string) => {
    try {
      if (socket.readyState === socket.OPEN) await onFrame(parseFrame(AgentFrame, text));
    } catch (error) {
      const problem = Problem.wrap(error);
      log.warn({ problem, cause: problem.cause }, "a frame could not be taken in");
      close("badFrame", problem.code);
    } finally {
      waiting -= 1;
      if (waiting < MAX_WAITING && slowed === undefined) socket.resume();
    }
  };

  const slowDown = (ms: number) => {
    socket.pause();
    slowed ??= setTimeout(() => {
      slowed = undefined;
      if (waiting < MAX_WAITING) socket.resume();
    }, ms);
  };

  socket.on("message", (data, isBinary) => {
    silentTicks = 0;
    waiting += 1;
    const text = isBinary ? "" : data.toString();
    handled = handled.then(() => handle(text));
    const pauseMs = budget.take();
    if (pauseMs > 0) slowDown(pauseMs);
    else if (waiting >= MAX_WAITING) socket.pause();
  });
  const heard = () => {
    silentTicks = 0;
  };
  socket.on("ping", heard);
  socket.on("pong", heard);
  socket.on("error", (error) => log.info({ error }, "the connection failed"));

  // Silence is counted in ticks and not by the clock: when this process itself stood still, what came meanwhile is not
  // read yet, and all agents would seem silent at once.
  const pingEveryMs = parts.pingEveryMs ?? PING_EVERY_MS;
  const tickMs = pingEveryMs / TICKS_PER_PING;
  const silenceTicks = (parts.silenceMs ?? SILENCE_MS) / tickMs;
  let ticks = 0;
  const keepAlive = setInterval(() => {
    ticks += 1;
    if (!socket.isPaused) silentTicks += 1;
    if (ticks % TICKS_PER_PING === 0) send({ type: "ping" });
    if (silentTicks < silenceTicks) return;
    close("silent");
    socket.terminate();
  }, tickMs);

  socket.on("close", () => {
    clearInterval(keepAlive);
    clearTimeout(slowed);
    onClose();
  });
  return { send, close };
}

/** RFC 6455 section 7.4.1: the server goes down, come back later. */
const GOING_AWAY = 1001;
