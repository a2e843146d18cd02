import { Problem } from "#shared/problem.ts";
import type { Layout } from "./series-layouts.ts";

/** A sample as the store has it: values by the places of a layout, NaN for what was not measured. */
export interface Measured {
  readonly at: number;
  readonly layout: Layout;
  readonly values: Float32Array;
}

/** A sample as it is stored, its layout by number. */
export interface CodedSample {
  readonly at: number;
  readonly layout: number;
  readonly values: Float32Array;
}

const WORD_BYTES = 4;
/** When, in milliseconds (a double); number of the layout; how many values follow. */
const HEADER_BYTES = 16;
const sizeOf = ({ values }: Measured) => HEADER_BYTES + values.byteLength;

/** Samples one after the other, little-endian. */
export function encodeSamples(samples: readonly Measured[]): Buffer {
  const bytes = Buffer.allocUnsafe(samples.reduce((sum, sample) => sum + sizeOf(sample), 0));
  let offset = 0;
  for (const sample of samples) offset = writeSample(bytes, sample, offset);
  return bytes;
}

function writeSample(bytes: Buffer, { at, layout, values }: Measured, offset: number): number {
  bytes.writeDoubleLE(at, offset);
  bytes.writeUInt32LE(layout.id, offset + 8);
  bytes.writeUInt32LE(values.length, offset + 12);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset + HEADER_BYTES);
  return offset + HEADER_BYTES + values.byteLength;
}

/** @throws {Problem} `internal` when these are not the bytes of samples */
export function decodeSamples(bytes: Buffer): CodedSample[] {
  const samples: CodedSample[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const header = bytes.length - offset >= HEADER_BYTES ? bytes.readUInt32LE(offset + 12) : Number.POSITIVE_INFINITY;
    const end = offset + HEADER_BYTES + header * WORD_BYTES;
    if (end > bytes.length) throw new Problem("internal", `stored samples of ${bytes.length} bytes cannot be read`);
    // A copy of its own begins where words may begin.
    const values = new Float32Array(new Uint8Array(bytes.subarray(offset + HEADER_BYTES, end)).buffer);
    samples.push({ at: bytes.readDoubleLE(offset), layout: bytes.readUInt32LE(offset + 8), values });
    offset = end;
  }
  return samples;
}

export interface JournalEntry<Sample> {
  readonly beacon: string;
  readonly samples: readonly Sample[];
}

/** Of several beacons: the length of its id, the id, the length of its samples, they themselves; and so on. */
export function encodeJournal(entries: readonly JournalEntry<Measured>[]): Buffer {
  const parts = entries.flatMap(({ beacon, samples }) => {
    const id = Buffer.from(beacon);
    const bytes = encodeSamples(samples);
    const header = Buffer.alloc(2 * WORD_BYTES);
    header.writeUInt32LE(id.length, 0);
    header.writeUInt32LE(bytes.length, WORD_BYTES);
    return [header, id, bytes];
  });
  return Buffer.concat(parts);
}

export function decodeJournal(bytes: Buffer): JournalEntry<CodedSample>[] {
  const entries: JournalEntry<CodedSample>[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const idAt = offset + 2 * WORD_BYTES;
    const samplesAt = idAt + bytes.readUInt32LE(offset);
    const end = samplesAt + bytes.readUInt32LE(offset + WORD_BYTES);
    entries.push({
      beacon: bytes.toString("utf8", idAt, samplesAt),
      samples: decodeSamples(bytes.subarray(samplesAt, end)),
    });
    offset = end;
  }
  return entries;
}
