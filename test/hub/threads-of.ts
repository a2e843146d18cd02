import { readdirSync, readFileSync } from "node:fs";

/** Name and niceness of each thread of a process: fields 2 and 19 of proc_pid_stat(5). */
export function threadsOf(pid: number): { name: string; niceness: number }[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
    const [opens, closes] = [stat.indexOf("("), stat.lastIndexOf(")")];
    return { name: stat.slice(opens + 1, closes), niceness: Number(stat.slice(closes + 2).split(" ")[16]) };
  });
}
