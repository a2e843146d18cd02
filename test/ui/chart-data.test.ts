import { describe, expect, test } from "vitest";
import { MetricsView } from "#shared/api/beacon.ts";
import { servicesIn } from "#ui/beacon/app-charts.tsx";
import { rootDisk } from "#ui/beacon/root-disk.ts";
import { clockLabels } from "#ui/charts/axis-labels.ts";
import { besides, chartOfMetrics, chartOfSamples, lastOf, later, tableRows, valueAt } from "#ui/charts/chart-data.ts";
import { pinched } from "#ui/charts/follow-fingers.ts";

const view = (...points: (readonly [at: number, cpu: number])[]): MetricsView => ({
  resolution: "10s",
  stepMs: 10_000,
  gaps: [],
  points: points.map(([at, cpu]) => ({ at, values: { cpu_percent: [cpu - 1, cpu, cpu + 1, 1] } })),
});
const cpu = ["cpu_percent"];

describe("stored metrics", () => {
  test("are seconds, and the lowest, mean and highest values", () => {
    expect(chartOfMetrics(view([10_000, 5], [20_000, 7]), cpu)).toEqual({
      x: [10, 20],
      columns: { cpu_percent: { min: [4, 6], mean: [5, 7], max: [6, 8] } },
      gaps: [],
    });
  });

  test("break where a span is missing, and only there", () => {
    const data = chartOfMetrics(view([0, 1], [10_000, 2], [40_000, 3]), cpu);
    expect(data.columns.cpu_percent?.mean).toEqual([1, 2, null, null, 3]);
    expect(data.x).toHaveLength(5);
    expect([...data.x].sort((a, b) => a - b)).toEqual(data.x);
    expect(data.gaps).toEqual([{ fromMs: 20_000, toMs: 40_000 }]);
  });

  test("have a gap at either end of what was asked for, but not for what is on its way", () => {
    const gaps = (fromMs: number, toMs: number) =>
      chartOfMetrics(view([100_000, 1], [110_000, 2]), cpu, { fromMs, toMs }).gaps;
    expect(gaps(95_000, 125_000)).toEqual([]);
    expect(gaps(0, 150_000)).toEqual([{ fromMs: 0, toMs: 100_000 }]);
    expect(gaps(100_000, 200_000)).toEqual([{ fromMs: 120_000, toMs: 200_000 }]);
  });

  test("say why they break, where the beacon does", () => {
    const gaps = [
      { from: 20_000, to: 30_000, reason: "beacon-off" },
      { from: 30_000, to: 40_000, reason: "unknown" },
    ] as const;
    const data = chartOfMetrics({ ...view([0, 1], [10_000, 2], [40_000, 3]), gaps: [...gaps] }, cpu, {
      fromMs: 0,
      toMs: 50_000,
    });
    expect(data.columns.cpu_percent?.mean).toEqual([1, 2, null, null, 3]);
    expect(data.gaps).toEqual([
      { fromMs: 20_000, toMs: 30_000, reason: "beacon-off" },
      { fromMs: 30_000, toMs: 40_000, reason: "unknown" },
    ]);
  });

  test("of a series that nobody measured are gaps", () => {
    const data = chartOfMetrics(view([0, 1]), ["cpu_percent", "toString"]);
    expect(data.columns.toString).toMatchObject({ mean: [null] });
    expect(lastOf(data, "toString")).toBeUndefined();
  });

  test("of no time at all are empty", () => {
    expect(chartOfMetrics(view(), cpu, { fromMs: 0, toMs: 1e6 })).toEqual({
      x: [],
      columns: { cpu_percent: { min: [], mean: [], max: [] } },
      gaps: [],
    });
  });
});

test("live samples break after three seconds of silence", () => {
  const sample = (at: number) => ({ at, values: { cpu_percent: at / 1_000 } });
  const data = chartOfSamples([sample(1_000), sample(2_000), sample(4_900), sample(9_000)], cpu);
  expect(data.columns.cpu_percent?.mean).toEqual([1, 2, 4.9, null, null, 9]);
  expect(lastOf(data, "cpu_percent")).toBe(9);
});

describe("what is compared", () => {
  const now = chartOfMetrics(view([100_000, 1], [110_000, 2], [140_000, 3]), cpu);
  const then = later(chartOfMetrics({ ...view([0, 7], [60_000, 8]), stepMs: 60_000 }, cpu), 90_000);

  test("stands on one axis, each line with its own moments and its own gaps", () => {
    const both = besides(now, then);
    expect(both.x).toEqual([90, 100, 110, 110.001, 139.999, 140, 150]);
    expect(both.columns.cpu_percent?.mean).toEqual([undefined, 1, 2, null, null, 3, undefined]);
    expect(both.columns["~cpu_percent"]?.mean).toEqual([7, undefined, undefined, undefined, undefined, undefined, 8]);
    expect(both.gaps).toEqual(now.gaps);
  });

  test("breaks where it was not measured itself, though the other was", () => {
    const hourly = later(chartOfMetrics({ ...view([0, 7], [10_000, 8], [45_000, 9]), stepMs: 10_000 }, cpu), 100_000);
    const both = besides(now, hourly);
    expect(both.x).toEqual([100, 110, 110.001, 139.999, 140, 144.999, 145]);
    expect(both.columns["~cpu_percent"]?.mean).toEqual([7, 8, null, null, null, null, 9]);
  });

  test("says at each moment what it says nearest to it, and nothing within a gap", () => {
    const { columns } = besides(now, then);
    const said = (name: string) => [0, 1, 2, 3, 4, 5, 6].map((index) => valueAt(columns[name]?.mean ?? [], index));
    expect(said("cpu_percent")).toEqual([1, 1, 2, undefined, undefined, 3, 3]);
    expect(said("~cpu_percent")).toEqual([7, 7, 7, 7, 8, 8, 8]);
    expect(valueAt([], 0)).toBeUndefined();
  });
});

describe("a table of it", () => {
  test("has the newest first, with what was measured in each span, and none for a gap", () => {
    const data = chartOfMetrics(view([0, 1], [10_000, 3], [20_000, 5], [90_000, 7]), cpu);
    expect(tableRows(data, cpu, 4)).toEqual([
      { from: 89.999, cells: [{ min: 6, mean: 7, max: 8 }] },
      { from: 0, cells: [{ min: 0, mean: 3, max: 6 }] },
    ]);
    expect(tableRows(data, cpu, 1000).map(({ from }) => from)).toEqual([90, 20, 10, 0]);
    expect(tableRows(chartOfMetrics(view(), cpu), cpu, 4)).toEqual([]);
  });
});

test("services are listed by what they use, without those that were not measured", () => {
  const values = { "container/a/web/memory_bytes": [1, 1, 1, 1], "container/b/db/memory_bytes": [9, 9, 9, 1] } as const;
  const point = { at: 0, values: Object.fromEntries(Object.entries(values).map(([name, span]) => [name, [...span]])) };
  const names = [...Object.keys(values), "container/c/web/memory_bytes", "container/a/web/cpu_percent"];
  const metrics = { resolution: "10s", stepMs: 10_000, points: [point] };
  expect(servicesIn(chartOfMetrics(MetricsView.parse(metrics), names))).toEqual(["b/db", "a/web"]);
});

describe("two fingers", () => {
  const finger = (startPx: number, nowPx: number) => ({ startPx, nowPx });

  test("that are spread show less, and what was between them stays between them", () => {
    expect(pinched(finger(100, 0), finger(200, 200), 400)).toEqual([100, 300]);
  });

  test("that come together show more", () => {
    expect(pinched(finger(0, 100), finger(400, 300), 400)).toEqual([-200, 600]);
  });

  test("that hardly move do nothing", () => {
    expect(pinched(finger(0, 3), finger(400, 401), 400)).toBeUndefined();
    expect(pinched(finger(5, 5), finger(5, 90), 400)).toBeUndefined();
  });
});

describe("the axis of time", () => {
  const at = (...clock: [number, number, number?]) => new Date(2026, 10, 21, ...clock).getTime() / 1_000;

  test("says the day where one begins, and seconds where they matter", () => {
    const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" }).format(at(0, 0) * 1_000);
    expect(clockLabels([at(-6, 0), at(0, 0), at(6, 0)])).toEqual(["18:00", day, "06:00"]);
    expect(clockLabels([at(6, 0, 10), at(6, 0, 20)])).toEqual(["06:00:10", "06:00:20"]);
    expect(clockLabels([at(0, 0), at(24, 0)])).toHaveLength(2);
    expect(clockLabels([])).toEqual([]);
  });
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
