import { describe, expect, it } from "vitest";
import {
  layoutOf,
  mergeSpans,
  type PackedSpan,
  pack,
  samplesIn,
  spanOfSample,
  unpack,
} from "#hub/store/packed-span.ts";

const sample = (values: Record<number, number>): PackedSpan =>
  spanOfSample(Uint32Array.from(Object.keys(values), Number), Float32Array.from(Object.values(values)));

const plain = ({ series, min, mean, max, count }: PackedSpan) =>
  Object.fromEntries([...series].map((id, index) => [id, [min[index], mean[index], max[index], count[index]]]));

describe("packing", () => {
  it.each([
    ["nothing", sample({})],
    ["a sample", sample({ 1: 0.5, 7: -3, 4000000000: 1e12 })],
    ["several samples", mergeSpans([sample({ 1: 1, 2: 5 }), sample({ 1: 3 })])],
  ])("gives back %s", (_what, span) => {
    const layout = { id: 7, series: span.series };
    expect(layoutOf(pack(span, 7))).toBe(7);
    expect(plain(unpack(pack(span, 7), layout))).toEqual(plain(span));
    expect(pack(unpack(pack(span, 7), layout), 7)).toEqual(pack(span, 7));
  });

  it("takes twelve bytes for each series that has as many samples as the others", () => {
    const values = Object.fromEntries(Array.from({ length: 165 }, (_value, id) => [id + 1, id * 1.5]));
    expect(pack(mergeSpans([sample(values), sample(values)]), 1).length).toBe(8 + 165 * 12);
    expect(pack(mergeSpans([sample(values), sample({ 1: 2 })]), 1).length).toBe(8 + 165 * 16);
  });

  it("reads bytes from wherever they are in memory", () => {
    const span = sample({ 3: 1.25 });
    const packed = pack(span, 1);
    const shifted = Buffer.concat([Buffer.from([0]), packed]).subarray(1);
    expect(plain(unpack(shifted, { id: 1, series: span.series }))).toEqual({ 3: [1.25, 1.25, 1.25, 1] });
  });

  it("refuses what is no span", () => {
    const { series, ...span } = sample({ 1: 1, 2: 2 });
    const packed = pack({ series, ...span }, 1);
    for (const broken of [Buffer.alloc(0), Buffer.alloc(7), packed.subarray(0, 12), Buffer.alloc(24, 255)])
      expect(() => unpack(broken, { id: 1, series })).toThrow("cannot be read");
  });
});

describe("merging", () => {
  it("leaves out what was not measured", () => {
    const one = spanOfSample(Uint32Array.of(1, 2, 3), Float32Array.of(1, Number.NaN, 3));
    const two = { ...spanOfSample(one.series, Float32Array.of(Number.NaN, Number.NaN, 5)) };
    expect(plain(mergeSpans([one, two]))).toEqual({ 1: [1, 1, 1, 1], 3: [3, 4, 5, 2] });
  });

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
