import { readdir, readFile } from "node:fs/promises";
import { pause } from "#shared/pause.ts";

/** What a process has cost so far. */
export interface ProcessCost {
  /** Resident set, of which Node's own binary is some 40 MB that all Node processes share. */
  readonly residentBytes: number;
  /** Resident set with shared pages divided among those who share them. */
  readonly proportionalBytes: number;
  /** The most that its resident set ever was. */
  readonly peakBytes: number;
  /** What is its alone and in no file. */
  readonly anonymousBytes: number;
  /** CPU time of the process and of the children that it has waited for. */
  readonly cpuMs: number;
  /** Page faults of children that it has waited for: none as long as it has had no child, since a program cannot run without any. */
  readonly childFaults: number;
  /** Children that it has now. */
  readonly children: readonly number[];
}

/** Clock ticks of `/proc/<pid>/stat` a second: USER_HZ is 100 on every Linux that Node runs on (proc_pid_stat(5)). */
const TICK_MS = 10;

/** Reads what `/proc` says of a process: proc_pid_stat(5), proc_pid_smaps(5), proc_pid_task(5). @throws when it does not exist */
export async function readProcessCost(pid: number): Promise<ProcessCost> {
  const memory = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(memory)?.[1]);
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  // After the command's closing bracket: 8 and 10 are cminflt and cmajflt, 11 to 14 utime, stime, cutime, cstime.
  const sum = (...places: number[]) => places.reduce((total, place) => total + (fields[place] ?? Number.NaN), 0);
  return {
    residentBytes: kilobytes("Rss") * 1024,
    proportionalBytes: kilobytes("Pss") * 1024,
    peakBytes: Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024,
    anonymousBytes: kilobytes("Anonymous") * 1024,
    cpuMs: sum(11, 12, 13, 14) * TICK_MS,
    childFaults: sum(8, 10),
    children: await childrenOf(pid),
  };
}

/**
 * Looks at the resident set of a process each few seconds until told to stop.
 * @returns bytes at each look
 */
export async function watchResident(pid: number, everyMs: number, signal: AbortSignal): Promise<number[]> {
  const looks: number[] = [];
  while (!signal.aborted) {
    // Not the sum over all its mappings, for which it would have to stand still.
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    looks.push(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024);
    await pause(everyMs, signal);
  }
  return looks;
}

/** Every thread lists the children that it has made. */
async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  // A thread may end between the two.
  const lists = threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => ""));
  return (await Promise.all(lists)).flatMap((list) => list.split(" ").filter(Boolean).map(Number));
}
