import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

interface Leader {
  /** As this machine numbers it. */
  readonly pid: number;
  /** Id of the container that it runs in. */
  readonly container: string;
}

const GRACE_MS = 1_000;
const LOOK_EVERY_MS = 50;

/**
 * Ends a program that was run in a container, and all of its session. The engine itself leaves it running when whoever
 * watched it goes (https://github.com/moby/moby/issues/9098). First comes the hang-up that a terminal gives when it is
 * closed, then, to what is still there, the kill.
 */
export async function endSession({ pid, container }: Leader): Promise<void> {
  const members = async () => (await sessionOf(pid)).filter((member) => member !== process.pid);
  const ours = async (member: number) =>
    (await readFile(`/proc/${member}/cgroup`, "utf8").catch(() => "")).includes(container);
  const signal = async (name: NodeJS.Signals) => {
    let sent = 0;
    for (const member of await members()) {
      // A number that belongs to something else by now, or in a namespace that is not ours to see, is left alone.
      if (!(await ours(member))) continue;
      sent += 1;
      sendSignal(member, name);
    }
    return sent;
  };
  if ((await signal("SIGHUP")) === 0) return;
  for (let waitedMs = 0; waitedMs < GRACE_MS; waitedMs += LOOK_EVERY_MS) {
    await delay(LOOK_EVERY_MS);
    if ((await members()).length === 0) return;
  }
  await signal("SIGKILL");
}

function sendSignal(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

/** The process, and all that say that it leads their session: `/proc/<pid>/stat` of proc(5), `session`. */
async function sessionOf(leader: number): Promise<number[]> {
  const pids = (await readdir("/proc")).map(Number).filter((pid) => Number.isInteger(pid) && pid > 1);
  const stats = await Promise.all(
    pids.map(async (pid) => ({ pid, stat: await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "") })),
  );
  return stats.flatMap(({ pid, stat }) => {
    // The name of the program stands in brackets and may hold anything, brackets too.
    const [state, , , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state !== undefined && state !== "Z" && (Number(session) === leader || pid === leader) ? [pid] : [];
  });
}
