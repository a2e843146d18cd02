import { describe, expect, it } from "vitest";
import { fullerSpan, mergeSpans, samplesIn, spanOfSample } from "#shared/metrics/packed-span.ts";
import { plainSpan as plain, sampleSpan as sample } from "./plain-span.ts";

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

describe("of what is stored and what its parts make", () => {
  const stored = mergeSpans([sample({ 1: 1 }), sample({ 1: 3 })]);

  it("is kept what is of more samples", () => {
    const parts = [sample({ 1: 5 }), sample({ 1: 5 }), sample({ 1: 5 })];
    expect(fullerSpan(stored, parts.slice(1))).toBe(stored);
    expect(plain(fullerSpan(stored, parts) ?? stored)).toEqual({ 1: [5, 5, 5, 3] });
  });

  it("is what there is, where there is one alone", () => {
    expect(fullerSpan(stored, [])).toBe(stored);
    expect(fullerSpan(undefined, [])).toBeUndefined();
    expect(plain(fullerSpan(undefined, [sample({ 2: 7 })]) ?? stored)).toEqual({ 2: [7, 7, 7, 1] });
  });
});
