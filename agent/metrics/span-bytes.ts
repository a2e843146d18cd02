import { type PackedSpan, spanOfSample } from "#shared/metrics/packed-span.ts";
import { Problem } from "#shared/problem.ts";

const WORD_BYTES = 4;
const isSample = ({ min, mean, max, count }: PackedSpan) =>
  min === mean && mean === max && count.every((samples) => samples === 1);

/** Words of 32 bits, little-endian: how many columns follow the numbers (1 or 4), how many series, their numbers, then the columns. */
export function pack(span: PackedSpan): Buffer {
  const columns = isSample(span) ? [span.mean] : [span.min, span.mean, span.max, span.count];
  const size = span.series.length;
  const packed = Buffer.alloc(WORD_BYTES * (2 + size * (1 + columns.length)));
  packed.writeUInt32LE(columns.length, 0);
  packed.writeUInt32LE(size, WORD_BYTES);
  for (const [place, column] of [span.series, ...columns].entries()) {
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
  const series = new Uint32Array(buffer, at(0), size);
  const first = new Float32Array(buffer, at(1), size);
  if (columns === 1) return spanOfSample(series, first);
  return {
    series,
    min: first,
    mean: new Float32Array(buffer, at(2), size),
    max: new Float32Array(buffer, at(3), size),
    count: new Uint32Array(buffer, at(4), size),
  };
}
