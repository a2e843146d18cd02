import { readdirSync, readFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

const THREADS = "/proc/self/task";
/** What Node calls the threads that V8 has its work done on: https://github.com/nodejs/node/blob/v24.x/src/node_platform.cc */
const NAME = "V8Worker";
/**
 * A tenth of what the main thread gets where both want the same core. Behind that (19), garbage grows faster than it is found while ten
 * thousand agents come back.
 */
const MORE_NICENESS = 10;
const MOST_NICENESS = 19;

/**
 * Puts the threads that look for garbage behind the one that does everything else. There are four of them, so that on a hub with one core
 * everything else would have a fifth of it for half a second, each ten seconds with 10,000 agents.
 *
 * Niceness is of a thread on Linux: https://man7.org/linux/man-pages/man2/setpriority.2.html
 * @returns how many threads
 * @throws what the system says when it does not let this process
 */
export function lowerCollectorThreads(): number {
  const collectors = readdirSync(THREADS).filter((thread) => nameOf(thread) === NAME);
  const niceness = Math.min(getPriority() + MORE_NICENESS, MOST_NICENESS);
  for (const thread of collectors) setPriority(Number(thread), niceness);
  return collectors.length;
}

const nameOf = (thread: string) => readFileSync(`${THREADS}/${thread}/comm`, "utf8").trim();
