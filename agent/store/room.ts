import { pause } from "#shared/pause.ts";
import { Problem } from "#shared/problem.ts";

const LOOK_AGAIN_MS = 1_000;

const fullDisk = (thrown: unknown): Problem => {
  const problem = Problem.wrap(thrown);
  if (problem.code === "disk_full") return problem;
  throw thrown;
};

/**
 * Writes what has to be written, as soon as the disk has room for it.
 * @param onFull Told once, when it has to wait.
 * @throws the reason of `signal`, and what `write` throws for another reason
 */
export async function writeOnceThereIsRoom(
  write: () => void,
  { signal, onFull }: { readonly signal: AbortSignal; readonly onFull: (problem: Problem) => void },
): Promise<void> {
  for (let isTold = false; ; isTold = true) {
    signal.throwIfAborted();
    try {
      return write();
    } catch (thrown) {
      const problem = fullDisk(thrown);
      if (!isTold) onFull(problem);
    }
    await pause(LOOK_AGAIN_MS, signal);
  }
}

/** Writes what nobody misses when there is no room for it, for example how far a command is. */
export function writeIfThereIsRoom(write: () => void): void {
  try {
    write();
  } catch (thrown) {
    fullDisk(thrown);
  }
}
