import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { AGAIN, STREAM_GRACE_MS, STREAM_LIFE_MS } from "#shared/api/server-sent-events.ts";
import { Problem } from "#shared/problem.ts";

const HEARTBEAT_MS = 15_000;
/** What waits for a reader who is slow. Beyond it the connection is cut, and a browser opens it again by itself. */
const MAX_WAITING = { events: 1000, characters: 4 * 1024 * 1024 };

/** Puts one event on its way; they go out in order, as fast as the reader takes them. */
export type SendEvent = (event: string, data: unknown) => void;

export interface EventStreamOptions {
  /** What it returns is called once, whatever ended it. */
  readonly subscribe: (send: SendEvent) => () => void;
  /** After which the reader has to open it anew. */
  readonly lifeMs?: number | undefined;
  readonly graceMs?: number | undefined;
  readonly heartbeatMs?: number | undefined;
}

/** Answers with server-sent events until the reader leaves, or does not open the stream anew when asked to. */
export function eventStream(c: Context, options: EventStreamOptions): Response {
  const { subscribe, lifeMs = STREAM_LIFE_MS, graceMs = STREAM_GRACE_MS, heartbeatMs } = options;
  const run: Run = async (stream, gone, cut) => {
    const waiting: { event: string; data: string }[] = [];
    let characters = 0;
    let wake = () => {};
    const over = new AbortController();
    const send: SendEvent = (event, data) => {
      if (over.signal.aborted) return;
      const text = JSON.stringify(data);
      waiting.push({ event, data: text });
      characters += text.length;
      if (waiting.length > MAX_WAITING.events || characters > MAX_WAITING.characters) {
        waiting.length = 0;
        over.abort();
        cut();
      }
      wake();
    };
    const unsubscribe = subscribe(send);
    const asking = setTimeout(send, lifeMs, AGAIN, {});
    const ending = setTimeout(() => over.abort(), lifeMs + graceMs);
    let isStopped = false;
    // A reader who takes nothing any more holds up the loop below, but none of those who look with it.
    const stop = () => {
      if (isStopped) return;
      isStopped = true;
      clearTimeout(asking);
      clearTimeout(ending);
      unsubscribe();
      wake();
    };
    const ended = AbortSignal.any([gone, over.signal]);
    ended.addEventListener("abort", stop, { once: true });
    try {
      while (!ended.aborted) {
        const next = waiting.shift();
        if (next !== undefined) {
          await stream.writeSSE(next);
          characters -= next.data.length;
        } else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      // Of who left before it was listened for, nothing above was called.
      stop();
    }
  };
  return openEvents(c, run, heartbeatMs);
}

/**
 * Passes a source on as events of one name, or of the name of each item, then `end` with the problem that ended it, if one did. The source is read
 * no faster than the reader reads, and its signal is aborted when the reader leaves.
 */
export function eventsOf<Item>(
  c: Context,
  event: string | ((item: Item) => string),
  open: (gone: AbortSignal) => AsyncIterable<readonly Item[]>,
): Response {
  return openEvents(c, async (stream, gone) => {
    let ending = {};
    try {
      for await (const items of open(gone)) {
        for (const item of items) {
          const name = typeof event === "string" ? event : event(item);
          await stream.writeSSE({ event: name, data: JSON.stringify(item) });
        }
      }
    } catch (error) {
      ending = { problem: Problem.wrap(error).toJSON() };
    }
    if (!gone.aborted) await stream.writeSSE({ event: "end", data: JSON.stringify(ending) });
  });
}

/** `cut` ends the connection of a reader who does not read: what was written would wait for them for ever. */
type Run = (stream: SSEStreamingApi, gone: AbortSignal, cut: () => void) => Promise<void>;

function openEvents(c: Context, run: Run, heartbeatMs = HEARTBEAT_MS): Response {
  // Buffering proxies (nginx) would hold events back.
  c.header("x-accel-buffering", "no");
  return streamSSE(c, async (stream) => {
    const leaving = new AbortController();
    stream.onAbort(() => leaving.abort());
    const cut = () => {
      leaving.abort();
      const response: HttpBindings["outgoing"] | undefined = c.env?.outgoing;
      response?.destroy();
    };
    let isTaken = true;
    const heartbeat = setInterval(() => {
      if (!isTaken) return cut();
      isTaken = false;
      const taken = () => {
        isTaken = true;
      };
      stream.write(": still here\n\n").then(taken, () => leaving.abort());
    }, heartbeatMs);
    try {
      // Tells the browser that the connection stands, before anything happens.
      await stream.write(": open\n\n");
      await run(stream, leaving.signal, cut);
    } finally {
      clearInterval(heartbeat);
    }
  });
}
