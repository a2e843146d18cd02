import { containerSeries } from "./sample.ts";

/** What the containers of one service use now, all its replicas together; what was not measured is absent. */
export interface Usage {
  readonly instance: string;
  readonly service: string;
  /** Of all cores of the machine together, 0 to 100. */
  readonly cpuPercent?: number;
  readonly memoryBytes?: number;
  /** Absent where there is none. */
  readonly memoryLimitBytes?: number;
  readonly receivedPerSecond?: number;
  readonly sentPerSecond?: number;
  readonly readPerSecond?: number;
  readonly writtenPerSecond?: number;
}

/** Whether it is well, and how often it was not, is no use of anything. */
const usageSeries = containerSeries.filter((name) => name !== "healthy_count" && name !== "restarts_count");

const fields: Readonly<Record<(typeof usageSeries)[number], Exclude<keyof Usage, "instance" | "service">>> = {
  cpu_percent: "cpuPercent",
  memory_bytes: "memoryBytes",
  memory_limit_bytes: "memoryLimitBytes",
  network_received_bytes_per_second: "receivedPerSecond",
  network_sent_bytes_per_second: "sentPerSecond",
  disk_read_bytes_per_second: "readPerSecond",
  disk_written_bytes_per_second: "writtenPerSecond",
};

/** Usage by service, out of the series of one sample, in the order of their names. */
export function usageIn(values: Readonly<Record<string, number>>): Usage[] {
  const found = new Map<string, { instance: string; service: string; [field: string]: string | number }>();
  for (const [series, value] of Object.entries(values)) {
    const [, instance = "", service = "", name = ""] = /^container\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(series) ?? [];
    const known = usageSeries.find((of) => of === name);
    if (known === undefined) continue;
    const key = `${instance}/${service}`;
    found.set(key, { ...(found.get(key) ?? { instance, service }), [fields[known]]: value });
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, usage]) => usage);
}

/** Of all services together; a limit only where each of them has one. */
export function totalUsage(usages: readonly Usage[]): Omit<Usage, "instance" | "service"> {
  const sum = (pick: (usage: Usage) => number | undefined) => {
    const known = usages.map(pick).filter((value) => value !== undefined);
    return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0);
  };
  const limited = usages.length > 0 && usages.every(({ memoryLimitBytes }) => memoryLimitBytes !== undefined);
  const [cpuPercent, memoryBytes, memoryLimitBytes] = [
    sum(({ cpuPercent }) => cpuPercent),
    sum(({ memoryBytes }) => memoryBytes),
    limited ? sum(({ memoryLimitBytes }) => memoryLimitBytes) : undefined,
  ];
  return {
    ...(cpuPercent === undefined ? {} : { cpuPercent }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }),
  };
}
