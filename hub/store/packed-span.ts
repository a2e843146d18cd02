import { Problem } from "#shared/problem.ts";
import type { Layout } from "./series-layouts.ts";

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

const WORD_BYTES = 4;
const HEADER_WORDS = 2;

/**
 * Words of 32 bits, little-endian: number of the layout, how many samples each series has (0: it differs), then the columns:
 * lowest, mean and highest values, and the numbers of samples where they differ.
 */
export function pack({ series, min, mean, max, count }: PackedSpan, layout: number): Buffer {
  const [first = 0] = count;
  const isEven = count.every((samples) => samples === first);
  const columns = [min, mean, max, ...(isEven ? [] : [count])];
  const packed = Buffer.allocUnsafe(WORD_BYTES * (HEADER_WORDS + series.length * columns.length));
  packed.writeUInt32LE(layout, 0);
  packed.writeUInt32LE(isEven ? first : 0, WORD_BYTES);
  for (const [place, column] of columns.entries()) {
    const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
    packed.set(bytes, WORD_BYTES * (HEADER_WORDS + series.length * place));
  }
  return packed;
}

/** Number of the layout that `unpack` needs. */
export const layoutOf = (packed: Buffer): number => (packed.length >= WORD_BYTES ? packed.readUInt32LE(0) : 0);

/** @throws {Problem} `internal` when these are not the bytes of a span of this layout */
export function unpack(packed: Buffer, { series }: Layout): PackedSpan {
  // A copy of its own begins where words may begin.
  const { buffer } = new Uint8Array(packed);
  const samples = packed.length >= WORD_BYTES * HEADER_WORDS ? packed.readUInt32LE(WORD_BYTES) : 0;
  const size = series.length;
  if (buffer.byteLength !== WORD_BYTES * (HEADER_WORDS + size * (samples === 0 ? 4 : 3))) {
    throw new Problem("internal", `a stored span of ${buffer.byteLength} bytes cannot be read`);
  }
  const at = (place: number) => WORD_BYTES * (HEADER_WORDS + size * place);
  return {
    series,
    min: new Float32Array(buffer, at(0), size),
    mean: new Float32Array(buffer, at(1), size),
    max: new Float32Array(buffer, at(2), size),
    count: samples === 0 ? new Uint32Array(buffer, at(3), size) : new Uint32Array(size).fill(samples),
  };
}

/** All of them as one span; means are weighted by the number of samples. The order does not matter but for rounding. */
export function mergeSpans(spans: readonly PackedSpan[]): PackedSpan {
  const [first] = spans;
  const isOfOne = spans.every(({ series }) => series === first?.series);
  const places = isOfOne ? undefined : placesIn(spans);
  const series = places === undefined ? (first?.series ?? new Uint32Array()) : Uint32Array.from(places.keys());
  const size = series.length;
  const min = new Float32Array(size).fill(Number.POSITIVE_INFINITY);
  const max = new Float32Array(size).fill(Number.NEGATIVE_INFINITY);
  const sum = new Float64Array(size);
  const count = new Uint32Array(size);
  for (const span of spans) {
    for (let index = 0; index < span.series.length; index++) {
      const samples = span.count[index] ?? 0;
      if (samples === 0) continue;
      const place = places === undefined ? index : (places.get(span.series[index] ?? 0) ?? 0);
      const [low = 0, high = 0] = [span.min[index], span.max[index]];
      if (low < (min[place] ?? 0)) min[place] = low;
      if (high > (max[place] ?? 0)) max[place] = high;
      sum[place] = (sum[place] ?? 0) + (span.mean[index] ?? 0) * samples;
      count[place] = (count[place] ?? 0) + samples;
    }
  }
  const mean = new Float32Array(size);
  for (let place = 0; place < size; place++) mean[place] = (sum[place] ?? 0) / (count[place] ?? 1);
  return withoutEmpty({ series, min, mean, max, count });
}

/** A place for each series that is in any of them. */
function placesIn(spans: readonly PackedSpan[]): ReadonlyMap<number, number> {
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
