import { containerSeriesName } from "#shared/metrics/sample.ts";
import { type CgroupMounts, parseCgroupMounts, readCgroupUsage } from "./cgroup.ts";
import { countCores } from "./cpu.ts";
import type { HostFiles } from "./host-files.ts";
import { inTime } from "./in-time.ts";
import { type Meter, round2, type Values } from "./meter.ts";
import { parseNetworkCounters } from "./network.ts";
import { createRates } from "./rates.ts";

/** A container that runs now. */
export interface RunningContainer {
  readonly id: string;
  /** Its first process, as the host numbers it. */
  readonly pid: number;
  readonly instance: string;
  readonly service: string;
  /** How often the engine has started it anew by itself. */
  readonly restarts: number;
}

/** @param running Which containers run; what it throws is the measurement's failure. */
export function createContainersMeter(files: HostFiles, running: () => Promise<readonly RunningContainer[]>): Meter {
  const rates = createRates();
  let mounts: CgroupMounts | undefined;
  return async (atMs) => {
    mounts ??= parseCgroupMounts(files.read("/proc/self/mountinfo") ?? "");
    const cores = countCores(files.read("/proc/stat") ?? "");
    const values: Values = {};
    for (const { id, pid, instance, service, restarts } of await running()) {
      const usage = readCgroupUsage(files, mounts, pid);
      if (usage === undefined) continue;
      const name = (series: Parameters<typeof containerSeriesName>[2]) =>
        containerSeriesName(instance, service, series);
      // Several containers of a service count together.
      const add = (series: Parameters<typeof containerSeriesName>[2], value: number) => {
        values[name(series)] = round2((values[name(series)] ?? 0) + value);
      };
      add("restarts_count", restarts);
      if (usage.memoryBytes !== undefined) add("memory_bytes", usage.memoryBytes);
      if (usage.memoryLimitBytes !== undefined) add("memory_limit_bytes", usage.memoryLimitBytes);
      const { readBytes, writtenBytes } = usage;
      const read = readBytes === undefined ? undefined : rates.perSecond(`${id} read`, readBytes, atMs);
      const written = writtenBytes === undefined ? undefined : rates.perSecond(`${id} written`, writtenBytes, atMs);
      if (read !== undefined) add("disk_read_bytes_per_second", Math.round(read));
      if (written !== undefined) add("disk_written_bytes_per_second", Math.round(written));
      const cpuMsPerSecond = rates.perSecond(`${id} cpu`, usage.cpuMs, atMs);
      if (cpuMsPerSecond !== undefined) add("cpu_percent", cpuMsPerSecond / 10 / cores);
      const network = parseNetworkCounters(files.read(`/proc/${pid}/net/dev`) ?? "", (device) => device !== "lo");
      const received = rates.perSecond(`${id} received`, network.receivedBytes, atMs);
      const sent = rates.perSecond(`${id} sent`, network.sentBytes, atMs);
      if (received !== undefined) add("network_received_bytes_per_second", Math.round(received));
      if (sent !== undefined) add("network_sent_bytes_per_second", Math.round(sent));
    }
    rates.forgetOthers(atMs);
    return values;
  };
}

export interface RememberOptions {
  readonly forMs: number;
  /** One that is busy takes its time; one that is frozen never answers. */
  readonly withinMs: number;
  readonly monotonic: () => number;
}

/**
 * Asks the engine at most every `forMs`, and not again while it has not answered: who looks each second must not keep it busy, nor wait
 * each time for one that hangs. What comes later than `withinMs` has failed for all who asked.
 */
export function remember<Result>(ask: () => Promise<Result>, { forMs, withinMs, monotonic }: RememberOptions) {
  let known: { result: Promise<Result>; askedAt: number; settled: boolean } | undefined;
  return (): Promise<Result> => {
    if (known === undefined || (known.settled && monotonic() - known.askedAt >= forMs)) {
      const answer = ask();
      const asked = { result: inTime(answer, withinMs, "Docker"), askedAt: monotonic(), settled: false };
      known = asked;
      answer.then(
        () => {
          // Late or not, it is what the engine says.
          asked.result = answer;
          asked.settled = true;
        },
        () => {
          known = undefined;
        },
      );
    }
    return known.result;
  };
}
