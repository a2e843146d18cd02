import { Problem } from "#shared/problem.ts";
import { STREAM_WINDOW } from "#shared/protocol/frames.ts";
import type { Link } from "../link.ts";
import type { Log } from "../log.ts";
import { inBatches } from "./in-batches.ts";
import { openSource, type StreamRequest, type StreamSources } from "./index.ts";
import { createWindow, type Window } from "./window.ts";

const MOST_OPEN = 32;

/** From this protocol on the hub says what was read. */
const WINDOWS_SINCE = 3;

/** The streams that the hub has open. */
export interface OpenStreams {
  /** Sends `data` frames and one `end` frame. */
  readonly open: (id: string, request: StreamRequest, link: Link) => void;
  /** Says something to it; to one that has ended, to nobody. */
  readonly tell: (id: string, words: readonly unknown[]) => void;
  /** So much of it was read, in characters of JSON since its beginning. */
  readonly read: (id: string, characters: number) => void;
  /** No more frames come from this stream, but for its `end`. */
  readonly close: (id: string) => void;
}

interface Running {
  readonly closed: AbortController;
  readonly window: Window;
  listen: (word: unknown) => Promise<void> | void;
}

export function createOpenStreams(sources: StreamSources, log: Log): OpenStreams {
  const running = new Map<string, Running>();

  const pump = async (id: string, request: StreamRequest, link: Link) => {
    if (running.has(id)) return;
    const closed = new AbortController();
    const signal = AbortSignal.any([closed.signal, link.signal]);
    const windowSize = link.protocol() < WINDOWS_SINCE ? Number.POSITIVE_INFINITY : STREAM_WINDOW;
    const mine: Running = { closed, window: createWindow(windowSize, signal), listen: () => undefined };
    const onWord = (listener: Running["listen"]) => {
      mine.listen = listener;
    };
    try {
      if (running.size >= MOST_OPEN) {
        throw new Problem("too_many_requests", `${MOST_OPEN} streams of this beacon are open already`);
      }
      running.set(id, mine);
      for await (const items of inBatches(openSource(sources, request, { signal, onWord }), signal)) {
        await link.drained();
        if (signal.aborted) break;
        link.send({ type: "data", stream: id, items });
        await mine.window.sent(JSON.stringify(items).length);
      }
      link.send({ type: "end", stream: id });
    } catch (thrown) {
      const problem = Problem.wrap(thrown);
      if (!signal.aborted) log.warn({ stream: request.name, problem, cause: problem.cause }, "a stream ended early");
      link.send({ type: "end", stream: id, ...(signal.aborted ? {} : { problem: problem.toJSON() }) });
    } finally {
      if (running.get(id) === mine) running.delete(id);
    }
  };

  const say = async (id: string, word: unknown) => {
    try {
      await running.get(id)?.listen(word);
    } catch (thrown) {
      log.warn({ problem: Problem.wrap(thrown) }, "a word to a stream was not understood");
    }
  };

  return {
    open: (id, request, link) => void pump(id, request, link),
    tell: (id, words) => {
      for (const word of words) void say(id, word);
    },
    read: (id, characters) => running.get(id)?.window.shown(characters),
    close: (id) => running.get(id)?.closed.abort(),
  };
}
