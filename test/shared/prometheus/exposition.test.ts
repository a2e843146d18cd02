import { describe, expect, it } from "vitest";
import {
  certificateSeriesName,
  containerSeries,
  containerSeriesName,
  diskSeries,
  diskSeriesName,
  hostSeries,
  temperatureSeriesName,
} from "#shared/metrics/sample.ts";
import { exposition, measuredFamilies, single } from "#shared/prometheus/exposition.ts";
import { prometheusSeries } from "#shared/prometheus/series.ts";
import { checkMetrics } from "../../promtool.ts";

describe("prometheusSeries", () => {
  it.each([
    ["cpu_percent", "wopr_cpu_ratio", {}, 0.01],
    ["load_15", "wopr_load15", {}, 1],
    ["memory_used_bytes", "wopr_memory_used_bytes", {}, 1],
    ["processes_count", "wopr_processes", {}, 1],
    ["disk///used_bytes", "wopr_filesystem_used_bytes", { mountpoint: "/" }, 1],
    ["disk//srv/data/total_inodes", "wopr_filesystem_total_inodes", { mountpoint: "/srv/data" }, 1],
    ["disk_busy_percent", "wopr_disk_busy_ratio", {}, 0.01],
    [
      containerSeriesName("forgejo", "server", "cpu_percent"),
      "wopr_container_cpu_ratio",
      { app: "forgejo", service: "server" },
      0.01,
    ],
    [
      temperatureSeriesName("coretemp Package id 0"),
      "wopr_temperature_celsius",
      { sensor: "coretemp Package id 0" },
      1,
    ],
    [certificateSeriesName("ada.example.org"), "wopr_certificate_valid_seconds", { host: "ada.example.org" }, 86_400],
  ])("tells %s as %s", (series, name, labels, factor) => {
    expect(prometheusSeries(series)).toEqual({ name, labels, factor });
  });

  it("gives different series different names", () => {
    const names = hostSeries.map((series) => prometheusSeries(series).name);
    expect(new Set(names).size).toBe(hostSeries.length);
  });
});

const everything = Object.fromEntries(
  [
    ...hostSeries,
    ...containerSeries.map((name) => containerSeriesName("forgejo", "server", name)),
    ...diskSeries.map((name) => diskSeriesName('/srv/my "data"\\new', name)),
    temperatureSeriesName("coretemp Core 0"),
    certificateSeriesName("ada.example.org"),
  ].map((series, index) => [series, index * 1.5]),
);

describe("the text", () => {
  it("says each family once, with what it is", () => {
    const families = measuredFamilies([
      { values: { load_1: 0.5, cpu_percent: 7 }, labels: { beacon: "ada" } },
      { values: { load_1: 2 }, labels: { beacon: "bob" } },
    ]);
    expect(exposition([...families, single("a_total", "counter", "All", 1e21)])).toBe(
      `# HELP wopr_load1 load1, as a beacon measured it last
# TYPE wopr_load1 gauge
wopr_load1{beacon="ada"} 0.5
wopr_load1{beacon="bob"} 2
# HELP wopr_cpu_ratio cpu ratio, as a beacon measured it last
# TYPE wopr_cpu_ratio gauge
wopr_cpu_ratio{beacon="ada"} 0.07
# HELP a_total All
# TYPE a_total counter
a_total 1e+21
`,
    );
  });

  it("leaves out a family without values, and escapes what labels may hold", () => {
    expect(measuredFamilies([])).toEqual([]);
    expect(exposition([{ name: "a", type: "gauge", help: "A", values: [] }])).toBe("");
    const labels = { path: 'a"b\\c\nd' };
    expect(exposition([{ name: "a", type: "gauge", help: "A", values: [{ labels, value: 1 }] }])).toContain(
      'a{path="a\\"b\\\\c\\nd"} 1',
    );
  });

  it("of every series there is passes Prometheus' own check", async () => {
    expect(await checkMetrics(exposition(measuredFamilies([{ values: everything }])))).toBe("");
  });

  it("is really checked", async () => {
    expect(await checkMetrics("# TYPE a_total gauge\na_total 1\n")).toContain("a_total");
    expect(await checkMetrics("no metrics {")).toContain("exit code");
  });
});
