import { describe, expect, it } from "vitest";
import { pack, unpack } from "#agent/metrics/span-bytes.ts";
import { mergeSpans } from "#shared/metrics/packed-span.ts";
import { plainSpan as plain, sampleSpan as sample } from "#test/shared/metrics/plain-span.ts";

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
