import { readFile } from "node:fs/promises";

/** What a process has cost so far. */
export interface ProcessCost {
  /** Resident set, of which Node's own binary is some 40 MB that all Node processes share. */
  readonly residentBytes: number;
  /** Resident set with shared pages divided among those who share them. */
  readonly proportionalBytes: number;
  /** CPU time of the process and of the children that it has waited for. */
  readonly cpuMs: number;
}

/** Clock ticks of `/proc/<pid>/stat` a second: USER_HZ is 100 on every Linux that Node runs on (proc_pid_stat(5)). */
const TICK_MS = 10;

/** Reads what `/proc` says of a process. @throws when it does not exist */
export async function readProcessCost(pid: number): Promise<ProcessCost> {
  const memory = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(memory)?.[1]);
  // Fields after the command's closing bracket: 11 to 14 of them are utime, stime, cutime, cstime.
  const ticks = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 15)
    .map(Number);
  return {
    residentBytes: kilobytes("Rss") * 1024,
    proportionalBytes: kilobytes("Pss") * 1024,
    cpuMs: ticks.reduce((sum, one) => sum + one, 0) * TICK_MS,
  };
}
