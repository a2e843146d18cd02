import type { Sample } from "#shared/metrics/sample.ts";
import { pause } from "#shared/pause.ts";
import type { Log } from "../log.ts";
import type { Collector } from "./collector.ts";
import type { GapWatch } from "./gap-watch.ts";
import type { MetricsStore } from "./store.ts";

export interface SamplerOptions {
  readonly collect: Collector;
  readonly store: Pick<MetricsStore, "add" | "prune">;
  readonly gaps: GapWatch;
  readonly sampleMs: number;
  readonly now: () => number;
  /** Told each sample once it is in the store; one of a moment that was counted before, too. */
  readonly onSample: (sample: Sample) => void;
  readonly log: Log;
}

/** Stores a sample at each multiple of `sampleMs` until `stop` is aborted. A sample that fails is logged, and the next one taken. */
export async function keepSampling(
  { collect, store, gaps, sampleMs, now, onSample, log }: SamplerOptions,
  stop: AbortSignal,
) {
  // The first reading gives the counters from which rates are told.
  await collect();
  while (!stop.aborted) {
    const waitMs = sampleMs - (now() % sampleMs);
    await pause(waitMs, stop);
    if (stop.aborted) return;
    try {
      // A timer may be a millisecond early.
      const at = Math.round(now() / sampleMs) * sampleMs;
      const sample = { at, values: await collect() };
      gaps.sampled(at);
      store.add(sample);
      onSample(sample);
      store.prune();
    } catch (error) {
      log.error({ error }, "a sample could not be stored");
    }
  }
}
