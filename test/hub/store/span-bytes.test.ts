import { describe, expect, it } from "vitest";
import { layoutOf, pack, unpack } from "#hub/store/span-bytes.ts";
import { mergeSpans } from "#shared/metrics/packed-span.ts";
import { plainSpan as plain, sampleSpan as sample } from "#test/shared/metrics/plain-span.ts";

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
