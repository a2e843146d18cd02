import { readFile } from "node:fs/promises";
import type { DockerConnection } from "./connection.ts";
import { labels, type Part } from "./names.ts";

/** A container that runs, as measuring and status need it. */
export interface RunningContainer extends Part {
  readonly id: string;
  /** Counted from 1. */
  readonly replica: number;
  /** Of its first process, seen from the host. */
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** How often the engine has started it anew since it was made, because it had ended. */
  readonly restarts: number;
}

type Process = Pick<RunningContainer, "pid" | "startedAt" | "restarts">;

/**
 * All running containers of ours. A listing has no process ids, so that each new container is inspected once; a known
 * id is looked at again when its process is no longer that container's, which shows in its cgroup.
 */
export function dockerProcesses({ engine, names, call }: DockerConnection): () => Promise<RunningContainer[]> {
  const known = new Map<string, Process>();

  async function processOf(id: string): Promise<Process | undefined> {
    const cached = known.get(id);
    if (cached !== undefined && (await runsIn(cached.pid, id))) return cached;
    const info = await call(`inspect container ${id}`, () => engine.getContainer(id).inspect(), [404]);
    if (info === undefined || info.State.Pid === 0) return undefined;
    const { State, RestartCount: restarts } = info;
    const process = { pid: State.Pid, startedAt: Date.parse(State.StartedAt), restarts };
    known.set(id, process);
    return process;
  }

  return async () => {
    const listed = (await call("list containers", () => engine.listContainers({ filters: names.filters }))) ?? [];
    const running = await Promise.all(
      listed.map(async ({ Id, Labels }) => {
        const process = await processOf(Id);
        const part = { instance: Labels[labels.instance] ?? "", service: Labels[labels.service] ?? "" };
        const replica = Number(Labels[labels.replica] ?? 1);
        return process === undefined ? [] : [{ id: Id, ...part, replica, ...process }];
      }),
    );
    const ids = new Set(listed.map(({ Id }) => Id));
    for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    return running.flat();
  };
}

const runsIn = async (pid: number, id: string): Promise<boolean> =>
  (await readFile(`/proc/${pid}/cgroup`, "utf8").catch(() => "")).includes(id);
