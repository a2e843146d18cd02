import type { Gap } from "#shared/metrics/gaps.ts";

export interface Silence {
  /** When the newest sample before it was taken, and the first one after it. */
  readonly lastSampleAt: number;
  readonly sampleAt: number;
  readonly sampleMs: number;
  /** When the machine started. */
  readonly bootedAt: number;
}

/** This many samples may be late or lost before it is called a gap. */
const MISSED_SAMPLES = 2;
/** What a machine takes from its start to its agent's first sample is part of its having been off. */
const STARTING_MS = 60_000;

/** Why nothing was measured between two samples: nothing where there is no gap. */
export function gapsSince({ lastSampleAt, sampleAt, sampleMs, bootedAt }: Silence): Gap[] {
  const from = lastSampleAt + sampleMs;
  if (sampleAt - lastSampleAt <= MISSED_SAMPLES * sampleMs) return [];
  if (bootedAt <= lastSampleAt) return [{ from, to: sampleAt, reason: "agent-off" }];
  const boot = sampleAt - bootedAt <= STARTING_MS ? sampleAt : Math.max(from, bootedAt);
  const off: Gap = { from, to: boot, reason: "beacon-off" };
  return boot < sampleAt ? [off, { from: boot, to: sampleAt, reason: "agent-off" }] : [off];
}
