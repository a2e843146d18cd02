import { z } from "zod";
import { Timestamp } from "../names.ts";

/**
 * Names of the series an agent measures. Host series have the name alone; series of a container are
 * `container/<instance>/<service>/<name>`; series of a file system are `disk/<mount point>/<name>`.
 * The unit is the end of the name.
 */
export const hostSeries = [
  "cpu_percent",
  "load_1",
  "load_5",
  "load_15",
  "memory_used_bytes",
  "memory_total_bytes",
  "swap_used_bytes",
  "swap_total_bytes",
  "disk_read_bytes_per_second",
  "disk_written_bytes_per_second",
  "network_received_bytes_per_second",
  "network_sent_bytes_per_second",
  "uptime_seconds",
] as const;

export const containerSeries = [
  "cpu_percent",
  "memory_bytes",
  "memory_limit_bytes",
  "disk_read_bytes_per_second",
  "disk_written_bytes_per_second",
  "network_received_bytes_per_second",
  "network_sent_bytes_per_second",
] as const;

export const containerSeriesName = (instance: string, service: string, name: (typeof containerSeries)[number]) =>
  `container/${instance}/${service}/${name}`;

export const diskSeriesName = (mount: string, name: "used_bytes" | "total_bytes") => `disk/${mount}/${name}`;

const SeriesName = z.string().max(200);

/** One moment: every series that could be read then. `cpu_percent` is of all cores of the host together, 0 to 100. */
export const Sample = z.object({ at: Timestamp, values: z.record(SeriesName, z.number()) });
export type Sample = z.output<typeof Sample>;

/** One span of time per series: lowest, mean and highest value, and how many samples are in it. */
export const Rollup = z.object({
  /** Start of the span, a multiple of its resolution. */
  at: Timestamp,
  values: z.record(SeriesName, z.tuple([z.number(), z.number(), z.number(), z.number().int().positive()])),
});
export type Rollup = z.output<typeof Rollup>;
