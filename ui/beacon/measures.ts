import type { ChartUnit } from "../charts/chart-card.tsx";
import { formatBytes, formatPercent, formatRate, formatSize } from "../format.ts";

const percent: ChartUnit = { format: formatPercent, formatAxis: (value) => `${value} %`, base: 10 };
const bytes: ChartUnit = { format: formatBytes, formatAxis: formatSize, base: 2 };
const rate: ChartUnit = { format: formatRate, formatAxis: (value) => `${formatSize(value)}/s`, base: 2 };
const number: ChartUnit = { format: (value) => value.toFixed(2), formatAxis: String, base: 10 };

export const units = { percent, bytes, rate } as const;

/** A chart of the whole machine. */
export interface Measure {
  readonly title: string;
  readonly unit: ChartUnit;
  /** With titles where there are several. */
  readonly lines: readonly { readonly series: string; readonly title?: string }[];
  /** Top of the axis. */
  readonly top?: number;
  /** Series that is the top of the axis, and stands after the value. */
  readonly total?: string;
  /** A quiet thing is not drawn as if it were busy. */
  readonly least?: number;
  /** Shown when the reader wants to see all. */
  readonly isExtra?: boolean;
}

/** All of them for a machine whose disk that matters has these series. */
export const measuresOf = (disk: { readonly used: string; readonly total: string }): readonly Measure[] => [
  { title: "CPU", unit: percent, lines: [{ series: "cpu_percent" }], top: 100 },
  { title: "Memory", unit: bytes, lines: [{ series: "memory_used_bytes" }], total: "memory_total_bytes" },
  { title: "Disk", unit: bytes, lines: [{ series: disk.used }], total: disk.total },
  {
    title: "Network",
    unit: rate,
    lines: [
      { series: "network_received_bytes_per_second", title: "in" },
      { series: "network_sent_bytes_per_second", title: "out" },
    ],
    least: 10_240,
  },
  {
    title: "Load",
    unit: number,
    lines: [
      { series: "load_1", title: "1 min" },
      { series: "load_15", title: "15 min" },
    ],
    isExtra: true,
  },
  {
    title: "Disk traffic",
    unit: rate,
    lines: [
      { series: "disk_read_bytes_per_second", title: "read" },
      { series: "disk_written_bytes_per_second", title: "written" },
    ],
    least: 10_240,
    isExtra: true,
  },
  {
    title: "Waiting for CPU, memory, disk",
    unit: percent,
    lines: [
      { series: "pressure_cpu_percent", title: "CPU" },
      { series: "pressure_memory_percent", title: "memory" },
      { series: "pressure_io_percent", title: "disk" },
    ],
    least: 5,
    isExtra: true,
  },
  { title: "Swap", unit: bytes, lines: [{ series: "swap_used_bytes" }], total: "swap_total_bytes", isExtra: true },
  { title: "Disk busy", unit: percent, lines: [{ series: "disk_busy_percent" }], top: 100, isExtra: true },
  {
    title: "Processes",
    unit: { ...number, format: (value) => value.toFixed(0) },
    lines: [{ series: "processes_count" }],
    isExtra: true,
  },
];

/** What has to be asked for to draw them. */
export const seriesOf = (measures: readonly Measure[]): string[] =>
  measures.flatMap(({ lines, total }) => [
    ...lines.map(({ series }) => series),
    ...(total === undefined ? [] : [total]),
  ]);
