import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../log.ts";
import type { Collector } from "./collector.ts";
import type { MetricsStore } from "./store.ts";

export interface SamplerOptions {
  readonly collect: Collector;
  readonly store: Pick<MetricsStore, "add" | "prune">;
  readonly sampleMs: number;
  readonly now: () => number;
  /** Something new is in the store. */
  readonly onSample: () => void;
  readonly log: Log;
}

/** Stores a sample at each multiple of `sampleMs` until `stop` is aborted. A sample that fails is logged, and the next one taken. */
export async function keepSampling(
  { collect, store, sampleMs, now, onSample, log }: SamplerOptions,
  stop: AbortSignal,
) {
  // The first reading gives the counters from which rates are told.
  await collect();
  while (!stop.aborted) {
    const waitMs = sampleMs - (now() % sampleMs);
    await delay(waitMs, undefined, { signal: stop }).catch(() => undefined);
    if (stop.aborted) return;
    try {
      // A timer may be a millisecond early.
      const at = Math.round(now() / sampleMs) * sampleMs;
      if (store.add({ at, values: await collect() })) onSample();
      store.prune();
    } catch (error) {
      log.error({ error }, "a sample could not be stored");
    }
  }
}
