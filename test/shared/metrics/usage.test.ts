import { describe, expect, it } from "vitest";
import { containerSeries, containerSeriesName } from "#shared/metrics/sample.ts";
import { totalUsage, usageIn } from "#shared/metrics/usage.ts";

describe("usage", () => {
  it("is told by service, in order, from the series of its containers alone", () => {
    const values = {
      load_1: 3,
      "disk//used_bytes": 4,
      "container/notes/web/unheard_of": 5,
      [containerSeriesName("notes", "web", "cpu_percent")]: 12.5,
      [containerSeriesName("notes", "web", "memory_bytes")]: 100,
      [containerSeriesName("notes", "db", "memory_limit_bytes")]: 200,
    };
    expect(usageIn(values)).toEqual([
      { instance: "notes", service: "db", memoryLimitBytes: 200 },
      { instance: "notes", service: "web", cpuPercent: 12.5, memoryBytes: 100 },
    ]);
  });

  it("has a place for each series there is, but for whether it is well and how often it was not", () => {
    const values = Object.fromEntries(containerSeries.map((name, at) => [containerSeriesName("a", "b", name), at]));
    expect(Object.keys(usageIn(values)[0] ?? {})).toHaveLength(containerSeries.length);
  });

  it("adds up, with a limit only where all have one", () => {
    const web = { instance: "notes", service: "web", cpuPercent: 1, memoryBytes: 10, memoryLimitBytes: 20 };
    const db = { instance: "notes", service: "db", cpuPercent: 2, memoryBytes: 30 };
    expect(totalUsage([web, db])).toEqual({ cpuPercent: 3, memoryBytes: 40 });
    expect(totalUsage([web, { ...db, memoryLimitBytes: 50 }])).toMatchObject({ memoryLimitBytes: 70 });
    expect(totalUsage([])).toEqual({});
  });
});
