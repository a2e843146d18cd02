import { bounded, type PackedSpan, spanOfSample } from "#shared/metrics/packed-span.ts";
import type { Rollup, Sample } from "#shared/metrics/sample.ts";

/** @param ids Numbers of the series, all of them. */
export function packableSample({ values }: Sample, ids: ReadonlyMap<string, number>): PackedSpan {
  const entries = Object.entries(values);
  return spanOfSample(
    Uint32Array.from(entries, ([name]) => ids.get(name) ?? 0),
    Float32Array.from(entries, ([, value]) => bounded(value)),
  );
}

/** @param ids Numbers of the series, all of them. */
export function packableRollup({ values }: Rollup, ids: ReadonlyMap<string, number>): PackedSpan {
  const entries = Object.entries(values);
  const column = (index: 0 | 1 | 2) => Float32Array.from(entries, ([, numbers]) => bounded(numbers[index]));
  return {
    series: Uint32Array.from(entries, ([name]) => ids.get(name) ?? 0),
    min: column(0),
    mean: column(1),
    max: column(2),
    count: Uint32Array.from(entries, ([, [, , , count]]) => count),
  };
}
