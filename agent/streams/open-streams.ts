import { Problem } from "#shared/problem.ts";
import type { Link } from "../link.ts";
import type { Log } from "../log.ts";
import { inBatches } from "./in-batches.ts";
import { openSource, type StreamSources } from "./index.ts";

const MOST_OPEN = 32;

/** The streams that the hub has open. */
export interface OpenStreams {
  /** Sends `data` frames and one `end` frame. */
  readonly open: (id: string, request: { name: string; input: unknown }, link: Link) => void;
  /** No more frames come from this stream, but for its `end`. */
  readonly close: (id: string) => void;
}

export function createOpenStreams(sources: StreamSources, log: Log): OpenStreams {
  const running = new Map<string, AbortController>();

  const pump = async (id: string, request: { name: string; input: unknown }, link: Link) => {
    if (running.has(id)) return;
    const closed = new AbortController();
    const signal = AbortSignal.any([closed.signal, link.signal]);
    try {
      if (running.size >= MOST_OPEN) {
        throw new Problem("too_many_requests", `${MOST_OPEN} streams of this beacon are open already`);
      }
      running.set(id, closed);
      for await (const items of inBatches(openSource(sources, request.name, request.input, signal), signal)) {
        await link.drained();
        if (signal.aborted) break;
        link.send({ type: "data", stream: id, items });
      }
      link.send({ type: "end", stream: id });
    } catch (thrown) {
      const problem = Problem.wrap(thrown);
      if (!signal.aborted) log.warn({ stream: request.name, problem, cause: problem.cause }, "a stream ended early");
      link.send({ type: "end", stream: id, ...(signal.aborted ? {} : { problem: problem.toJSON() }) });
    } finally {
      if (running.get(id) === closed) running.delete(id);
    }
  };

  return {
    open: (id, request, link) => void pump(id, request, link),
    close: (id) => running.get(id)?.abort(),
  };
}
