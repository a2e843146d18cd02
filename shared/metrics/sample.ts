import { z } from "zod";
import { Timestamp } from "../names.ts";

/**
 * Names of the series an agent measures. Host series have the name alone; series of a container are
 * `container/<instance>/<service>/<name>`, of all its replicas together; series of a file system are
 * `disk/<mount point>/<name>`; those of a temperature sensor `temperature/<sensor>/celsius`; of a certificate
 * `certificate/<host>/valid_days`. The unit is the end of the name. `healthy_count` of a service is 1 when all its replicas do what
 * they are meant to, else 0; `restarts_count` is how often the engine started containers of it anew by itself; `docker_answers_count` is 1 while the engine answers.
 */
export const hostSeries = [
  "cpu_percent",
  "cpu_user_percent",
  "cpu_system_percent",
  "cpu_iowait_percent",
  "cpu_steal_percent",
  "pressure_cpu_percent",
  "pressure_memory_percent",
  "pressure_memory_full_percent",
  "pressure_io_percent",
  "pressure_io_full_percent",
  "load_1",
  "load_5",
  "load_15",
  "memory_used_bytes",
  "memory_total_bytes",
  "swap_used_bytes",
  "swap_total_bytes",
  "disk_read_bytes_per_second",
  "disk_written_bytes_per_second",
  "disk_operations_per_second",
  "disk_busy_percent",
  "network_received_bytes_per_second",
  "network_sent_bytes_per_second",
  "network_errors_per_second",
  "processes_count",
  "processes_running_count",
  "processes_blocked_count",
  "uptime_seconds",
  "time_since_sync_seconds",
  "reboot_required_count",
  "security_updates_count",
  "docker_images_bytes",
  "docker_build_cache_bytes",
  "docker_answers_count",
] as const;

export const containerSeries = [
  "cpu_percent",
  "memory_bytes",
  "memory_limit_bytes",
  "disk_read_bytes_per_second",
  "disk_written_bytes_per_second",
  "network_received_bytes_per_second",
  "network_sent_bytes_per_second",
  "restarts_count",
  "healthy_count",
] as const;

export const containerSeriesName = (instance: string, service: string, name: (typeof containerSeries)[number]) =>
  `container/${instance}/${service}/${name}`;

export const diskSeries = ["used_bytes", "total_bytes", "used_inodes", "total_inodes"] as const;

export const diskSeriesName = (mount: string, name: (typeof diskSeries)[number]) => `disk/${mount}/${name}`;

export const temperatureSeriesName = (sensor: string) => `temperature/${sensor.replaceAll("/", " ")}/celsius`;

export const certificateSeriesName = (host: string) => `certificate/${host}/valid_days`;

export const SeriesName = z.string().max(200);

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
