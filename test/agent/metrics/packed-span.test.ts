import { describe, expect, it } from "vitest";
import { mergeSpans, type PackedSpan, pack, samplesIn, spanOfSample, unpack } from "#agent/metrics/packed-span.ts";

const sample = (values: Record<number, number>): PackedSpan =>
  spanOfSample(Uint32Array.from(Object.keys(values), Number), Float32Array.from(Object.values(values)));

const plain = ({ ids, min, mean, max, count }: PackedSpan) =>
  Object.fromEntries([...ids].map((id, index) => [id, [min[index], mean[index], max[index], count[index]]]));

describe("packing", () => {
  it.each([
    ["nothing", sample({})],
    ["a sample", sample({ 1: 0.5, 7: -3, 4000000000: 1e12 })],
    ["several samples", mergeSpans([sample({ 1: 1, 2: 5 }), sample({ 1: 3 })])],
  ])("gives back %s", (_what, span) => {
    expect(plain(unpack(pack(span)))).toEqual(plain(span));
    expect(pack(unpack(pack(span)))).toEqual(pack(span));
  });

  it("takes eight bytes for each value of a sample", () => {
    const values = Object.fromEntries(Array.from({ length: 165 }, (_value, id) => [id + 1, id * 1.5]));
    expect(pack(sample(values)).length).toBe(8 + 165 * 8);
  });

  it("reads bytes from wherever they are in memory", () => {
    const packed = pack(sample({ 3: 1.25 }));
    const shifted = Buffer.concat([Buffer.from([0]), packed]).subarray(1);
    expect(plain(unpack(shifted))).toEqual({ 3: [1.25, 1.25, 1.25, 1] });
  });

  it("refuses what is no span", () => {
    const packed = pack(sample({ 1: 1, 2: 2 }));
    for (const broken of [Buffer.alloc(0), Buffer.alloc(7), packed.subarray(0, 12), Buffer.alloc(24, 255)])
      expect(() => unpack(broken)).toThrow("cannot be read");
  });
});

describe("merging", () => {
  it("keeps lowest, mean and highest, whatever the order of the series", () => {
    const merged = mergeSpans([sample({ 1: 2, 2: 10 }), sample({ 2: 20, 1: 4 }), sample({ 3: 1 })]);
    expect(plain(merged)).toEqual({ 1: [2, 3, 4, 2], 2: [10, 15, 20, 2], 3: [1, 1, 1, 1] });
    expect(samplesIn(merged)).toBe(2);
  });

  it("weights means by their samples", () => {
    const minute = mergeSpans([sample({ 1: 0 }), sample({ 1: 0 }), sample({ 1: 0 })]);
    expect(plain(mergeSpans([minute, sample({ 1: 4 })]))).toEqual({ 1: [0, 1, 4, 4] });
  });
});
