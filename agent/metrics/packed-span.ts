import { Problem } from "#shared/problem.ts";

/**
 * What was measured in one span of time, by number of the series: as arrays, since a beacon has hundreds of series and a hub
 * thousands of beacons. Values have 24 bits, about seven decimal digits, which is more than a chart shows.
 */
export interface PackedSpan {
  readonly ids: Uint32Array;
  readonly min: Float32Array;
  readonly mean: Float32Array;
  readonly max: Float32Array;
  /** Samples in it. */
  readonly count: Uint32Array;
}

/** One value for each series: what a single sample takes. */
export function spanOfSample(ids: Uint32Array, values: Float32Array): PackedSpan {
  return { ids, min: values, mean: values, max: values, count: new Uint32Array(ids.length).fill(1) };
}

const WORD_BYTES = 4;
const isSample = ({ min, mean, max, count }: PackedSpan) =>
  min === mean && mean === max && count.every((samples) => samples === 1);

/** Words of 32 bits, little-endian: how many columns follow the ids (1 or 4), how many series, their ids, then the columns. */
export function pack(span: PackedSpan): Buffer {
  const columns = isSample(span) ? [span.mean] : [span.min, span.mean, span.max, span.count];
  const size = span.ids.length;
  const packed = Buffer.alloc(WORD_BYTES * (2 + size * (1 + columns.length)));
  packed.writeUInt32LE(columns.length, 0);
  packed.writeUInt32LE(size, WORD_BYTES);
  for (const [place, column] of [span.ids, ...columns].entries()) {
    const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
    packed.set(bytes, WORD_BYTES * (2 + size * place));
  }
  return packed;
}

/** @throws {Problem} `internal` when these are not the bytes of a span */
export function unpack(packed: Uint8Array): PackedSpan {
  // A copy of its own begins where words may begin.
  const { buffer } = new Uint8Array(packed);
  const [columns = 0, size = 0] = new Uint32Array(buffer, 0, Math.min(2, Math.floor(buffer.byteLength / WORD_BYTES)));
  if (buffer.byteLength !== WORD_BYTES * (2 + size * (1 + columns)) || (columns !== 1 && columns !== 4)) {
    throw new Problem("internal", `a stored span of ${buffer.byteLength} bytes cannot be read`);
  }
  const at = (place: number) => WORD_BYTES * (2 + size * place);
  const ids = new Uint32Array(buffer, at(0), size);
  const first = new Float32Array(buffer, at(1), size);
  if (columns === 1) return spanOfSample(ids, first);
  return {
    ids,
    min: first,
    mean: new Float32Array(buffer, at(2), size),
    max: new Float32Array(buffer, at(3), size),
    count: new Uint32Array(buffer, at(4), size),
  };
}

/** All of them as one span; means are weighted by the number of samples. The order does not matter but for rounding. */
export function mergeSpans(spans: readonly PackedSpan[]): PackedSpan {
  const places = new Map<number, number>();
  for (const { ids } of spans) for (const id of ids) if (!places.has(id)) places.set(id, places.size);
  const min = new Float32Array(places.size).fill(Number.POSITIVE_INFINITY);
  const max = new Float32Array(places.size).fill(Number.NEGATIVE_INFINITY);
  const sum = new Float64Array(places.size);
  const count = new Uint32Array(places.size);
  for (const span of spans) {
    for (const [index, id] of span.ids.entries()) {
      const place = places.get(id) ?? 0;
      const samples = span.count[index] ?? 0;
      min[place] = Math.min(min[place] ?? 0, span.min[index] ?? 0);
      max[place] = Math.max(max[place] ?? 0, span.max[index] ?? 0);
      sum[place] = (sum[place] ?? 0) + (span.mean[index] ?? 0) * samples;
      count[place] = (count[place] ?? 0) + samples;
    }
  }
  const mean = Float32Array.from(sum, (total, place) => total / (count[place] ?? 1));
  return { ids: Uint32Array.from(places.keys()), min, mean, max, count };
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
