import type { Rollup, Sample } from "#shared/metrics/sample.ts";
import { type PackedSpan, spanOfSample } from "./packed-span.ts";

/** Largest magnitude in 32 bits (IEEE 754): what is beyond it is written as it. */
const LARGEST = 3.402_823_466e38;
const finite = (value: number) => Math.min(LARGEST, Math.max(-LARGEST, value));

/** Decimal digits that 24 bits hold; the rest is noise of the conversion. */
const DIGITS = 7;
const rounded = (value: number | undefined) => Number((value ?? 0).toPrecision(DIGITS));

/** @param ids Numbers of the series, all of them. */
export function packableSample({ values }: Sample, ids: ReadonlyMap<string, number>): PackedSpan {
  const entries = Object.entries(values);
  return spanOfSample(
    Uint32Array.from(entries, ([name]) => ids.get(name) ?? 0),
    Float32Array.from(entries, ([, value]) => finite(value)),
  );
}

/** @param ids Numbers of the series, all of them. */
export function packableRollup({ values }: Rollup, ids: ReadonlyMap<string, number>): PackedSpan {
  const entries = Object.entries(values);
  const column = (index: 0 | 1 | 2) => Float32Array.from(entries, ([, numbers]) => finite(numbers[index]));
  return {
    ids: Uint32Array.from(entries, ([name]) => ids.get(name) ?? 0),
    min: column(0),
    mean: column(1),
    max: column(2),
    count: Uint32Array.from(entries, ([, [, , , count]]) => count),
  };
}

/** What a span holds, by the names of its series; one whose name is forgotten is left out. */
export function namedValues({ ids, min, mean, max, count }: PackedSpan, names: ReadonlyMap<number, string>) {
  const values: Rollup["values"] = {};
  for (const [index, id] of ids.entries()) {
    const name = names.get(id);
    if (name === undefined) continue;
    values[name] = [rounded(min[index]), rounded(mean[index]), rounded(max[index]), count[index] ?? 1];
  }
  return values;
}
