import { useEffect, useState } from "preact/hooks";
import type { MetricsView } from "#shared/api/beacon.ts";
import { ChartCard, type ChartUnit } from "../charts/chart-card.tsx";
import { type ChartData, chartOfMetrics, chartOfSamples, lastOf } from "../charts/chart-data.ts";
import { ProblemBox } from "../components/problem-box.tsx";
import { Segments } from "../components/segments.tsx";
import { formatBytes, formatPercent, formatRate, formatSize } from "../format.ts";
import { useLoaded } from "../use-loaded.ts";
import { useBeacon } from "./beacon-store.ts";
import { rootDisk } from "./root-disk.ts";

const ranges = [
  { value: "live", title: "Live", spanMs: 2 * 60_000 },
  { value: "15m", title: "15 min", spanMs: 15 * 60_000 },
  { value: "1h", title: "1 h", spanMs: 3_600_000 },
  { value: "24h", title: "24 h", spanMs: 86_400_000 },
  { value: "30d", title: "30 d", spanMs: 30 * 86_400_000 },
] as const;
type RangeName = (typeof ranges)[number]["value"];

const series = [
  "cpu_percent",
  "memory_used_bytes",
  "memory_total_bytes",
  "network_received_bytes_per_second",
  "network_sent_bytes_per_second",
];

const percent: ChartUnit = { format: formatPercent, formatAxis: (value) => `${value} %`, base: 10 };
const bytes: ChartUnit = { format: formatBytes, formatAxis: formatSize, base: 2 };
const rate: ChartUnit = { format: formatRate, formatAxis: (value) => `${formatSize(value)}/s`, base: 2 };

/** CPU, memory, disk and network over a range that the reader picks. Stored ranges refresh themselves. */
export function MetricsPanel() {
  const store = useBeacon();
  const [range, setRange] = useState<RangeName>("15m");
  const spanMs = ranges.find(({ value }) => value === range)?.spanMs ?? 0;
  const stored = useStored(range === "live" ? undefined : spanMs, store.link.value === "open");

  const samples = store.live.value;
  const names = range === "live" ? samples.at(-1)?.values : stored.view?.points.at(-1)?.values;
  const disk = rootDisk(Object.keys(names ?? {}));
  const wanted = [...series, disk.used, disk.total];
  const data =
    range === "live"
      ? samples.length === 0
        ? undefined
        : chartOfSamples(samples, wanted)
      : stored.view && chartOfMetrics(stored.view, wanted);
  const toMs = range === "live" ? (samples.at(-1)?.at ?? Date.now()) : stored.toMs;
  const span = { data, fromMs: toMs - spanMs, toMs };
  const memory = data && lastOf(data, "memory_total_bytes");
  const size = data && lastOf(data, disk.total);

  return (
    <section class="section" aria-label="Measurements">
      <div class="section-head">
        <h2>Measurements</h2>
        <Segments label="Range" options={ranges} value={range} onChange={setRange} />
      </div>
      {stored.problem === undefined || range === "live" ? null : <ProblemBox problem={stored.problem} />}
      <div class="charts">
        <ChartCard title="CPU" lines={[{ series: "cpu_percent" }]} {...span} top={100} unit={percent} />
        <ChartCard
          title="Memory"
          lines={[{ series: "memory_used_bytes" }]}
          {...span}
          top={memory}
          of={ofTotal(memory)}
          unit={bytes}
        />
        <ChartCard title="Disk" lines={[{ series: disk.used }]} {...span} top={size} of={ofTotal(size)} unit={bytes} />
        <ChartCard
          title="Network"
          lines={[
            { series: "network_received_bytes_per_second", title: "in" },
            { series: "network_sent_bytes_per_second", title: "out" },
          ]}
          {...span}
          top={networkTop(data)}
          unit={rate}
        />
      </div>
    </section>
  );
}

const ofTotal = (total: number | undefined) => (total === undefined ? undefined : `of ${formatSize(total)}`);

/** A quiet network is not drawn as if it were busy: the axis ends at 10 KB/s at least. */
function networkTop(data: ChartData | undefined): number {
  const all = data === undefined ? [] : series.slice(3).flatMap((name) => data.max[name] ?? []);
  return Math.max(10_240, ...all.map((value) => value ?? 0)) * 1.15;
}

interface Stored {
  readonly view: MetricsView | undefined;
  readonly toMs: number;
  readonly problem: ReturnType<typeof useLoaded>["problem"];
}

/** Metrics of the last `spanMs`, read again as often as there can be a new point. */
function useStored(spanMs: number | undefined, linked: boolean): Stored {
  const { api } = useBeacon();
  const { data, problem, reload } = useLoaded(async () => {
    const toMs = Date.now();
    return spanMs === undefined ? undefined : { spanMs, toMs, view: await api.metrics(toMs - spanMs, toMs) };
  }, `${spanMs} ${linked}`);
  const fresh = data?.spanMs === spanMs ? data : undefined;
  const stepMs = Math.max(fresh?.view.stepMs ?? 10_000, 10_000);
  useEffect(() => {
    if (spanMs === undefined) return undefined;
    const timer = setInterval(reload, stepMs);
    return () => clearInterval(timer);
  }, [spanMs, stepMs, reload]);
  return { view: fresh?.view, toMs: fresh?.toMs ?? Date.now(), problem };
}
