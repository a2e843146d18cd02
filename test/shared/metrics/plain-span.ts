import { type PackedSpan, spanOfSample } from "#shared/metrics/packed-span.ts";

/** What a single sample says, by number of the series. */
export const sampleSpan = (values: Record<number, number>): PackedSpan =>
  spanOfSample(Uint32Array.from(Object.keys(values), Number), Float32Array.from(Object.values(values)));

/** A span as a test compares it: lowest, mean, highest and number of samples by number of the series. */
export const plainSpan = ({ series, min, mean, max, count }: PackedSpan) =>
  Object.fromEntries([...series].map((id, index) => [id, [min[index], mean[index], max[index], count[index]]]));
