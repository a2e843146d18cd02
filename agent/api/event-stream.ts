import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { AGAIN, STREAM_GRACE_MS, STREAM_LIFE_MS } from "#shared/api/server-sent-events.ts";
import { Problem } from "#shared/problem.ts";

const HEARTBEAT_MS = 15_000;

/** @param key What it is about: a newer event of the same key replaces one that was not read yet. */
export type SendEvent = (event: string, data: unknown, key: string) => void;

export interface NewestEventsOptions {
  /** What it returns is called once, whatever ended it. */
  readonly subscribe: (send: SendEvent) => () => void;
  /** After which the reader has to open it anew. */
  readonly lifeMs?: number | undefined;
  readonly graceMs?: number | undefined;
}

/**
 * Answers with server-sent events until the reader leaves, or does not open the stream anew when asked to. A slow reader
 * gets the newest state of each thing and misses what was between, so that nothing piles up.
 */
export const newestEvents = (c: Context, options: NewestEventsOptions): Response => {
  const { subscribe, lifeMs = STREAM_LIFE_MS, graceMs = STREAM_GRACE_MS } = options;
  return openEvents(c, async (stream, gone) => {
    const waiting = new Map<string, { event: string; data: string }>();
    let wake = () => {};
    const send: SendEvent = (event, data, key) => {
      waiting.set(`${event} ${key}`, { event, data: JSON.stringify(data) });
      wake();
    };
    const unsubscribe = subscribe(send);
    const over = new AbortController();
    const asking = setTimeout(send, lifeMs, AGAIN, {}, "");
    const ending = setTimeout(() => over.abort(), lifeMs + graceMs);
    // A reader who takes nothing any more holds up the loop below; what is measured for them alone ends all the same.
    const stop = () => {
      clearTimeout(asking);
      clearTimeout(ending);
      unsubscribe();
      wake();
    };
    const ended = AbortSignal.any([gone, over.signal]);
    ended.addEventListener("abort", stop, { once: true });
    try {
      while (!ended.aborted) {
        const [next] = waiting;
        if (next === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        } else {
          waiting.delete(next[0]);
          await stream.writeSSE(next[1]);
        }
      }
    } finally {
      if (!ended.aborted) stop();
    }
  });
};

/**
 * Passes a source on as events of one name, or of the name of each item, then `end` with the problem that ended it, if one did. The source is read no
 * faster than the reader reads, and its signal is aborted when the reader leaves.
 */
export const eventsOf = <Item>(
  c: Context,
  event: string | ((item: Item) => string),
  open: (gone: AbortSignal) => AsyncIterable<Item>,
): Response =>
  openEvents(c, async (stream, gone) => {
    let ending = {};
    try {
      for await (const item of open(gone)) {
        const name = typeof event === "string" ? event : event(item);
        await stream.writeSSE({ event: name, data: JSON.stringify(item) });
        if (gone.aborted) return;
      }
    } catch (error) {
      ending = { problem: Problem.wrap(error).toJSON() };
    }
    if (!gone.aborted) await stream.writeSSE({ event: "end", data: JSON.stringify(ending) });
  });

function openEvents(c: Context, run: (stream: SSEStreamingApi, gone: AbortSignal) => Promise<void>): Response {
  const response = streamSSE(c, async (stream) => {
    const leaving = new AbortController();
    stream.onAbort(() => leaving.abort());
    let isTaken = true;
    const heartbeat = setInterval(() => {
      if (isTaken) {
        isTaken = false;
        const taken = () => {
          isTaken = true;
        };
        stream.write(": still here\n\n").then(taken, () => leaving.abort());
        return;
      }
      // A reader who does not read is cut off: what was written would wait for them for ever.
      leaving.abort();
      const response: HttpBindings["outgoing"] | undefined = c.env?.outgoing;
      response?.destroy();
    }, HEARTBEAT_MS);
    try {
      // Says that the stream stands, before anything happens.
      await stream.write(": open\n\n");
      await run(stream, leaving.signal);
    } finally {
      clearInterval(heartbeat);
    }
  });
  return response;
}
