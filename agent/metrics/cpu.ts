import type { HostFiles } from "./host-files.ts";
import { type Meter, round2 } from "./meter.ts";

/** Ticks since the machine started, of all cores together. */
export interface CpuTicks {
  readonly idle: number;
  readonly total: number;
}

/**
 * The first line of `/proc/stat`: user nice system idle iowait irq softirq steal guest guest_nice. Guest time is in user
 * already; steal counts as busy, since the machine wanted to run and could not.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html#miscellaneous-kernel-statistics-in-proc-stat
 */
export function parseCpuTicks(stat: string): CpuTicks | undefined {
  const line = /^cpu +(.+)$/m.exec(stat)?.[1];
  if (line === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = line
    .trim()
    .split(/ +/)
    .map(Number);
  return { idle: idle + iowait, total: user + nice + system + idle + iowait + irq + softirq + steal };
}

/** Cores that are online. */
export const countCores = (stat: string): number => stat.match(/^cpu\d+ /gm)?.length ?? 1;

/** Share of all cores that was busy between two readings, 0 to 100. `iowait` may fall, so the idle time may as well. */
export function cpuPercent(before: CpuTicks, after: CpuTicks): number | undefined {
  const total = after.total - before.total;
  if (total <= 0) return undefined;
  return round2(Math.min(100, Math.max(0, 100 * (1 - (after.idle - before.idle) / total))));
}

export function createCpuMeter(files: HostFiles): Meter {
  let before: CpuTicks | undefined;
  return () => {
    const after = parseCpuTicks(files.read("/proc/stat") ?? "");
    const percent = before === undefined || after === undefined ? undefined : cpuPercent(before, after);
    before = after;
    return percent === undefined ? {} : { cpu_percent: percent };
  };
}
