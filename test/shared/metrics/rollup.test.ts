import { describe, expect, it } from "vitest";
import { chooseResolution, mergeRollups, resolutions, rollupOf } from "#shared/metrics/rollup.ts";
import { Rollup } from "#shared/metrics/sample.ts";

const sample = (at: number, cpu_percent: number) => ({ at, values: { cpu_percent } });

describe("rollupOf", () => {
  it("starts at a multiple of its step", () => {
    expect(rollupOf(sample(123_456, 7), 60_000)).toEqual({ at: 120_000, values: { cpu_percent: [7, 7, 7, 1] } });
  });

  it("makes what the schema takes", () => {
    expect(Rollup.parse(rollupOf(sample(1, 2), 1000))).toEqual(rollupOf(sample(1, 2), 1000));
  });
});

describe("mergeRollups", () => {
  const merged = (values: readonly number[]) =>
    values.map((value, index) => rollupOf(sample(index * 10_000, value), 60_000)).reduce(mergeRollups);

  it("keeps the lowest, the mean and the highest", () => {
    expect(merged([4, 1, 7]).values.cpu_percent).toEqual([1, 4, 7, 3]);
  });

  it("weighs the mean by the number of samples, so that merging merged spans is merging all their samples", () => {
    const values = [3, 9, 27, 81, 243];
    const parts = mergeRollups(merged(values.slice(0, 1)), merged(values.slice(1)));
    const [low, mean, high, count] = parts.values.cpu_percent ?? [];
    expect([low, high, count]).toEqual([3, 243, 5]);
    expect(mean).toBeCloseTo(72.6);
  });

  it("takes series that only one of them has", () => {
    const one = { at: 0, values: { a: [1, 1, 1, 1] } } satisfies Rollup;
    const other = { at: 10, values: { b: [2, 2, 2, 1] } } satisfies Rollup;
    expect(mergeRollups(one, other)).toEqual({ at: 0, values: { a: [1, 1, 1, 1], b: [2, 2, 2, 1] } });
  });

  it("leaves its arguments as they are", () => {
    const one = rollupOf(sample(0, 1), 60_000);
    const before = structuredClone(one);
    mergeRollups(one, rollupOf(sample(0, 5), 60_000));
    expect(one).toEqual(before);
  });
});

describe("resolutions", () => {
  it("are whole multiples of the finer one, which is kept at least as long as the coarser one's step", () => {
    for (const [index, coarse] of resolutions.slice(1).entries()) {
      const fine = resolutions[index];
      expect(coarse.stepMs % (fine?.stepMs ?? 0)).toBe(0);
      expect(fine?.keptMs).toBeGreaterThanOrEqual(coarse.stepMs);
    }
  });
});

describe("chooseResolution", () => {
  const now = 1_000_000_000;
  const hour = 3_600_000;
  it.each([
    ["the last ten minutes", now - hour / 6, now, "10s"],
    ["the last hour", now - hour, now, "10s"],
    ["a bit more than an hour", now - hour - 1, now, "1m"],
    ["the last 13 hours", now - 13 * hour, now, "1m"],
    ["the last day, which has too many minutes", now - 24 * hour, now, "10m"],
    ["ten minutes of yesterday", now - 30 * hour, now - 30 * hour + hour / 6, "10m"],
    ["longer than anything is kept", now - 60 * 24 * hour, now, "10m"],
  ])("for %s", (_what, from, to, name) => {
    expect(chooseResolution(from, to, now).name).toBe(name);
  });

  it("gives as many points as it was asked for at most", () => {
    expect(chooseResolution(now - hour, now, now, 100).name).toBe("1m");
  });
});
