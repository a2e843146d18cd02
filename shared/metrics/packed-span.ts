import type { Rollup } from "./sample.ts";

/** Largest magnitude in 32 bits (IEEE 754): what is beyond it is written as it. */
const LARGEST = 3.402_823_466e38;
export const bounded = (value: number): number => Math.min(LARGEST, Math.max(-LARGEST, value));

/** Decimal digits that 24 bits hold; the rest is noise of the conversion. */
const DIGITS = 7;
export const rounded = (value: number | undefined) => Number((value ?? 0).toPrecision(DIGITS));

/**
 * What was measured in one span of time, by number of the series: as arrays, since a beacon has hundreds of series and a hub
 * thousands of beacons. Values have 24 bits, about seven decimal digits, which is more than a chart shows.
 */
export interface PackedSpan {
  readonly series: Uint32Array;
  readonly min: Float32Array;
  readonly mean: Float32Array;
  readonly max: Float32Array;
  /** Samples in it; none where a series is of the layout and was not measured. */
  readonly count: Uint32Array;
}

/** One value for each series, NaN for what was not measured: what a single sample takes. */
export function spanOfSample(series: Uint32Array, values: Float32Array): PackedSpan {
  const count = new Uint32Array(series.length);
  for (let place = 0; place < values.length; place++) count[place] = Number.isNaN(values[place]) ? 0 : 1;
  return { series, min: values, mean: values, max: values, count };
}

/** All of them as one span; means are weighted by the number of samples. The order does not matter but for rounding. */
export function mergeSpans(spans: readonly PackedSpan[]): PackedSpan {
  const merged = emptySpan(spans);
  for (const { series, min, mean, max, count } of spans) {
    for (let index = 0; index < series.length; index++) {
      const samples = count[index] ?? 0;
      if (samples === 0) continue;
      merged.add(merged.placeOf(series, index), min[index] ?? 0, mean[index] ?? 0, max[index] ?? 0, samples);
    }
  }
  return merged.span();
}

/** A value for each series, NaN for what was not measured. */
export interface SeriesSample {
  readonly series: Uint32Array;
  readonly values: Float32Array;
}

/** The same as the spans of these samples merged, without making those. */
export function mergeSamples(samples: readonly SeriesSample[]): PackedSpan {
  const merged = emptySpan(samples);
  for (const { series, values } of samples) {
    for (let index = 0; index < values.length; index++) {
      const value = values[index] ?? Number.NaN;
      if (!Number.isNaN(value)) merged.add(merged.placeOf(series, index), value, value, value, 1);
    }
  }
  return merged.span();
}

/** A span that grows, with a place for each series that is in any of these. */
function emptySpan(parts: readonly { readonly series: Uint32Array }[]) {
  const [first] = parts;
  const isOfOne = parts.every(({ series }) => series === first?.series);
  const places = isOfOne ? undefined : placesIn(parts);
  const series = places === undefined ? (first?.series ?? new Uint32Array()) : Uint32Array.from(places.keys());
  const size = series.length;
  const min = new Float32Array(size).fill(Number.POSITIVE_INFINITY);
  const max = new Float32Array(size).fill(Number.NEGATIVE_INFINITY);
  const sum = new Float64Array(size);
  const count = new Uint32Array(size);
  return {
    placeOf: (of: Uint32Array, index: number): number =>
      places === undefined ? index : (places.get(of[index] ?? 0) ?? 0),
    add: (place: number, low: number, mean: number, high: number, samples: number): void => {
      // One at a time: what makes an array of the two takes longer than all the rest.
      if (low < (min[place] ?? 0)) min[place] = low;
      if (high > (max[place] ?? 0)) max[place] = high;
      sum[place] = (sum[place] ?? 0) + mean * samples;
      count[place] = (count[place] ?? 0) + samples;
    },
    span: (): PackedSpan => {
      const mean = new Float32Array(size);
      for (let place = 0; place < size; place++) mean[place] = (sum[place] ?? 0) / (count[place] ?? 1);
      return withoutEmpty({ series, min, mean, max, count });
    },
  };
}

/** A place for each series that is in any of them. */
function placesIn(spans: readonly { readonly series: Uint32Array }[]): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  for (const { series } of spans) for (const one of series) if (!places.has(one)) places.set(one, places.size);
  return places;
}

/** Without the series that were not measured. */
function withoutEmpty(span: PackedSpan): PackedSpan {
  if (!span.count.includes(0)) return span;
  const isMeasured = (_value: number, place: number) => span.count[place] !== 0;
  return {
    series: span.series.filter(isMeasured),
    min: span.min.filter(isMeasured),
    mean: span.mean.filter(isMeasured),
    max: span.max.filter(isMeasured),
    count: span.count.filter(isMeasured),
  };
}

/** Samples of the series that has most of them. */
export const samplesIn = ({ count }: PackedSpan): number => count.reduce((most, samples) => Math.max(most, samples), 0);

/**
 * What is stored or what its parts make, whichever is of more samples: parts that came late may be the only ones that are left
 * of a span that was rolled up long ago, and a span that came whole is of more than the parts that came before it.
 */
export function fullerSpan(stored: PackedSpan | undefined, parts: readonly PackedSpan[]): PackedSpan | undefined {
  if (parts.length === 0) return stored;
  const made = mergeSpans(parts);
  return stored !== undefined && samplesIn(stored) >= samplesIn(made) ? stored : made;
}

/** What a span says by the names of its series. */
export function namedSpan(span: PackedSpan, names: ReadonlyMap<number, string>): Rollup["values"] {
  const values: Rollup["values"] = {};
  for (const [index, id] of span.series.entries()) {
    const name = names.get(id);
    const samples = span.count[index] ?? 0;
    if (name === undefined || samples === 0) continue;
    values[name] = [rounded(span.min[index]), rounded(span.mean[index]), rounded(span.max[index]), samples];
  }
  return values;
}
