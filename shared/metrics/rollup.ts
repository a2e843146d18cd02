import type { Rollup, Sample } from "./sample.ts";

/** How finely metrics are kept, and for how long. The first one holds samples as they came. */
export const resolutions = [
  { name: "10s", stepMs: 10_000, keptMs: 3_600_000 },
  { name: "1m", stepMs: 60_000, keptMs: 86_400_000 },
  { name: "10m", stepMs: 600_000, keptMs: 30 * 86_400_000 },
] as const;

export type ResolutionName = (typeof resolutions)[number]["name"];

/** A sample as a span of its own, so that one store and one chart serve both. */
export const rollupOf = (sample: Sample, stepMs: number): Rollup => ({
  at: sample.at - (sample.at % stepMs),
  values: Object.fromEntries(
    Object.entries(sample.values).map(([series, value]) => [series, [value, value, value, 1]]),
  ),
});

/** Adds `more` to `span`; the mean is weighted by the number of samples on each side. */
export function mergeRollups(span: Rollup, more: Rollup): Rollup {
  const values = { ...span.values };
  for (const [series, [min, mean, max, count]] of Object.entries(more.values)) {
    const seen = values[series];
    values[series] =
      seen === undefined
        ? [min, mean, max, count]
        : [
            Math.min(seen[0], min),
            (seen[1] * seen[3] + mean * count) / (seen[3] + count),
            Math.max(seen[2], max),
            seen[3] + count,
          ];
  }
  return { at: span.at, values };
}

/** The resolution with the finest step that still covers `fromMs` and gives at most `maxPoints` points until `toMs`. */
export function chooseResolution(fromMs: number, toMs: number, nowMs: number, maxPoints = 800) {
  const fits = resolutions.find(
    ({ stepMs, keptMs }) => nowMs - fromMs <= keptMs && (toMs - fromMs) / stepMs <= maxPoints,
  );
  return fits ?? resolutions[2];
}
