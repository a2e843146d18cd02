import type { HostFiles } from "./host-files.ts";
import { type Meter, round2, type Values } from "./meter.ts";

/** Ticks since the machine started, of all cores together, by what they were spent on. */
export interface CpuTicks {
  readonly user: number;
  readonly system: number;
  readonly iowait: number;
  readonly steal: number;
  readonly idle: number;
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
  return { user: user + nice, system: system + irq + softirq, iowait, steal, idle };
}

/** Cores that are online. */
export const countCores = (stat: string): number => stat.match(/^cpu\d+ /gm)?.length ?? 1;

/**
 * Shares of all cores between two readings, 0 to 100; `cpu_percent` is all that was busy, in which waiting for a disk does not
 * count. `iowait` may fall, so the idle time may as well.
 */
export function cpuShares(before: CpuTicks, after: CpuTicks): Values {
  const spent = (mode: keyof CpuTicks) => after[mode] - before[mode];
  const total = spent("user") + spent("system") + spent("iowait") + spent("steal") + spent("idle");
  if (total <= 0) return {};
  const share = (ticks: number) => round2(Math.min(100, Math.max(0, (100 * ticks) / total)));
  return {
    cpu_percent: share(total - spent("idle") - spent("iowait")),
    cpu_user_percent: share(spent("user")),
    cpu_system_percent: share(spent("system")),
    cpu_iowait_percent: share(spent("iowait")),
    cpu_steal_percent: share(spent("steal")),
  };
}

export function createCpuMeter(files: HostFiles): Meter {
  let before: CpuTicks | undefined;
  return () => {
    const after = parseCpuTicks(files.read("/proc/stat") ?? "");
    const shares = before === undefined || after === undefined ? {} : cpuShares(before, after);
    before = after;
    return shares;
  };
}
