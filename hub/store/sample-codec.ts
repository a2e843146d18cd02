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
  const bytes = wordAligned(samples.reduce((sum, sample) => sum + sizeOf(sample), 0));
  const words = wordsOf(bytes);
  let offset = 0;
  for (const sample of samples) offset = writeSample(bytes, words, sample, offset);
  return bytes;
}

/** Bytes that begin where words may begin, which those of `Buffer.allocUnsafe` need not. */
const wordAligned = (sizeBytes: number) => Buffer.from(new ArrayBuffer(sizeBytes));

const wordsOf = ({ buffer, byteOffset, byteLength }: Buffer) =>
  new Float32Array(buffer, byteOffset, byteLength / WORD_BYTES);

/** @param words The same memory as `bytes`: values are copied as words, without a view on each sample's bytes. */
function writeSample(bytes: Buffer, words: Float32Array, { at, layout, values }: Measured, offset: number): number {
  bytes.writeDoubleLE(at, offset);
  bytes.writeUInt32LE(layout.id, offset + 8);
  bytes.writeUInt32LE(values.length, offset + 12);
  words.set(values, (offset + HEADER_BYTES) / WORD_BYTES);
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

/** An entry as it is stored, and the same samples as views on its bytes: they are kept for a minute, and take no memory of their own. */
export interface EncodedJournal {
  readonly bytes: Buffer;
  readonly entries: readonly JournalEntry<Measured>[];
}

/**
 * Of several beacons: the length of its id, the length of its samples, the id, filled up with zeros to whole words, they themselves; and
 * so on.
 */
export function encodeJournal(entries: readonly JournalEntry<Measured>[]): EncodedJournal {
  const parts = entries.map(({ beacon, samples }) => ({
    id: Buffer.from(beacon),
    sizeBytes: samples.reduce((sum, sample) => sum + sizeOf(sample), 0),
  }));
  const sizeBytes = parts.reduce((sum, part) => sum + 2 * WORD_BYTES + wholeWords(part.id) + part.sizeBytes, 0);
  const bytes = wordAligned(sizeBytes);
  const words = wordsOf(bytes);
  let offset = 0;
  const stored = entries.map(({ beacon, samples }, nth) => {
    const { id = Buffer.alloc(0), sizeBytes: own = 0 } = parts[nth] ?? {};
    bytes.writeUInt32LE(wholeWords(id), offset);
    bytes.writeUInt32LE(own, offset + WORD_BYTES);
    bytes.set(id, offset + 2 * WORD_BYTES);
    offset += 2 * WORD_BYTES + wholeWords(id);
    const views = samples.map(({ at, layout, values }) => {
      const view = new Float32Array(bytes.buffer, offset + HEADER_BYTES, values.length);
      offset = writeSample(bytes, words, { at, layout, values }, offset);
      return { at, layout, values: view };
    });
    return { beacon, samples: views };
  });
  return { bytes, entries: stored };
}

const wholeWords = (id: Buffer) => Math.ceil(id.length / WORD_BYTES) * WORD_BYTES;

export function decodeJournal(bytes: Buffer): JournalEntry<CodedSample>[] {
  const entries: JournalEntry<CodedSample>[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const idAt = offset + 2 * WORD_BYTES;
    const samplesAt = idAt + bytes.readUInt32LE(offset);
    const end = samplesAt + bytes.readUInt32LE(offset + WORD_BYTES);
    entries.push({
      beacon: bytes.toString("utf8", idAt, samplesAt).replace(/\0+$/, ""),
      samples: decodeSamples(bytes.subarray(samplesAt, end)),
    });
    offset = end;
  }
  return entries;
}
