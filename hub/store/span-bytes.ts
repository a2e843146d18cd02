import type { PackedSpan } from "#shared/metrics/packed-span.ts";
import { Problem } from "#shared/problem.ts";
import type { Layout } from "./series-layouts.ts";

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
