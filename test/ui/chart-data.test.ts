import { describe, expect, test } from "vitest";
import type { MetricsView } from "#shared/api/beacon.ts";
import { rootDisk } from "#ui/beacon/root-disk.ts";
import { chartOfMetrics, chartOfSamples, lastOf } from "#ui/charts/chart-data.ts";

const view = (...points: (readonly [at: number, cpu: number])[]): MetricsView => ({
  resolution: "10s",
  stepMs: 10_000,
  points: points.map(([at, cpu]) => ({ at, values: { cpu_percent: [cpu - 1, cpu, cpu + 1, 1] } })),
});

describe("stored metrics", () => {
  test("are seconds, means and maxima", () => {
    const data = chartOfMetrics(view([10_000, 5], [20_000, 7]), ["cpu_percent"]);
    expect(data).toEqual({ x: [10, 20], mean: { cpu_percent: [5, 7] }, max: { cpu_percent: [6, 8] } });
  });

  test("break where a span is missing, and only there", () => {
    const data = chartOfMetrics(view([0, 1], [10_000, 2], [40_000, 3]), ["cpu_percent"]);
    expect(data.mean.cpu_percent).toEqual([1, 2, null, null, 3]);
    expect(data.x).toHaveLength(5);
    expect([...data.x].sort((a, b) => a - b)).toEqual(data.x);
  });

  test("of a series that nobody measured are gaps", () => {
    const data = chartOfMetrics(view([0, 1]), ["cpu_percent", "toString"]);
    expect(data.mean.toString).toEqual([null]);
    expect(lastOf(data, "toString")).toBeUndefined();
  });

  test("of no time at all are empty", () => {
    expect(chartOfMetrics(view(), ["cpu_percent"])).toEqual({
      x: [],
      mean: { cpu_percent: [] },
      max: { cpu_percent: [] },
    });
  });
});

test("live samples break after three seconds of silence", () => {
  const sample = (at: number) => ({ at, values: { cpu_percent: at / 1_000 } });
  const data = chartOfSamples([sample(1_000), sample(2_000), sample(4_900), sample(9_000)], ["cpu_percent"]);
  expect(data.mean.cpu_percent).toEqual([1, 2, 4.9, null, null, 9]);
  expect(lastOf(data, "cpu_percent")).toBe(9);
});

describe("the disk that matters", () => {
  test("is the root file system", () => {
    const names = ["disk//boot/used_bytes", "disk///used_bytes", "disk///total_bytes"];
    expect(rootDisk(names)).toEqual({ used: "disk///used_bytes", total: "disk///total_bytes" });
  });

  test("is the first one where no root is measured", () => {
    expect(rootDisk(["cpu_percent", "disk//data/used_bytes"]).used).toBe("disk//data/used_bytes");
  });

  test("has a name before anything is measured", () => {
    expect(rootDisk([]).used).toBe("disk///used_bytes");
  });
});
