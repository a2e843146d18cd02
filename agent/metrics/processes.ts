import type { HostFiles } from "./host-files.ts";
import type { Meter } from "./meter.ts";

/** https://www.kernel.org/doc/html/latest/filesystems/proc.html#miscellaneous-kernel-statistics-in-proc-stat */
const field = (stat: string, name: string) => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(stat)?.[1] ?? 0);

/** How many processes there are, run now, and wait for a disk without being able to be woken. */
export const createProcessesMeter =
  (files: HostFiles): Meter =>
  () => {
    const stat = files.read("/proc/stat") ?? "";
    return {
      processes_count: files.list("/proc").filter((name) => /^\d+$/.test(name)).length,
      processes_running_count: field(stat, "procs_running"),
      processes_blocked_count: field(stat, "procs_blocked"),
    };
  };
