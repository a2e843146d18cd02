import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { Problem } from "#shared/problem.ts";

const HEARTBEAT_MS = 15_000;

/** @param key What it is about: a newer event of the same key replaces one that was not read yet. */
export type SendEvent = (event: string, data: unknown, key: string) => void;

/**
 * Answers with server-sent events until the reader leaves. A slow reader gets the newest state of each thing and misses
 * what was between, so that nothing piles up.
 * @param subscribe What it returns is called once, whatever ended it.
 */
export const newestEvents = (c: Context, subscribe: (send: SendEvent) => () => void): Response =>
  openEvents(c, async (stream, gone) => {
    const waiting = new Map<string, { event: string; data: string }>();
    let wake = () => {};
    gone.addEventListener("abort", () => wake());
    const unsubscribe = subscribe((event, data, key) => {
      waiting.set(`${event} ${key}`, { event, data: JSON.stringify(data) });
      wake();
    });
    try {
      while (!gone.aborted) {
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
      unsubscribe();
    }
  });

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
    const heartbeat = setInterval(() => void stream.write(": still here\n\n"), HEARTBEAT_MS);
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
