import type { Sample } from "#shared/metrics/sample.ts";
import type { Log } from "../log.ts";
import type { Collector } from "./collector.ts";

export interface LiveOptions {
  /** One of its own: rates are between its calls. */
  readonly collect: Collector;
  readonly everyMs: number;
  readonly now: () => number;
  readonly log: Log;
}

/** Samples of each second, taken only while somebody listens, and not stored. */
export interface Live {
  /** Gives the way to stop listening. */
  readonly listen: (listener: (sample: Sample) => void) => () => void;
  /** Stops all of it. */
  readonly stop: () => void;
}

export function createLive({ collect, everyMs, now, log }: LiveOptions): Live {
  const listeners = new Set<(sample: Sample) => void>();
  let timer: NodeJS.Timeout | undefined;
  let measuring = false;

  const tick = async () => {
    if (measuring) return;
    measuring = true;
    try {
      const sample = { at: now(), values: await collect() };
      for (const listener of listeners) listener(sample);
    } catch (error) {
      log.error({ error }, "a live sample failed");
    } finally {
      measuring = false;
    }
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };

  return {
    listen: (listener) => {
      // A function of its own, so that the same listener may listen twice.
      const entry = (sample: Sample) => listener(sample);
      listeners.add(entry);
      if (timer === undefined) {
        timer = setInterval(() => void tick(), everyMs);
        // Rates are told from here on, not since somebody looked last.
        void collect().catch(() => undefined);
      }
      return () => {
        listeners.delete(entry);
        if (listeners.size === 0) stop();
      };
    },
    stop: () => {
      listeners.clear();
      stop();
    },
  };
}
