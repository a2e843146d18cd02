import { setTimeout as sleep } from "node:timers/promises";

export interface GroupCommitOptions<Item, Result> {
  /** Writes all of them or none; gives the result of each, in order. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** How many go together at most. */
  readonly most: number;
  /** Time from one commit to the next. */
  readonly restMs: number;
}

/**
 * Has what many ask for at about the same time written together, so that a thousand small writes a second cost a few flushes of the
 * disk. What comes after a rest is written at once.
 * @returns writes one item; fails only when that item alone fails
 */
export function createGroupCommit<Item, Result>({
  commit,
  most,
  restMs,
}: GroupCommitOptions<Item, Result>): (item: Item) => Promise<Result> {
  interface Waiting {
    readonly item: Item;
    readonly settled: PromiseWithResolvers<Result>;
  }
  const queue: Waiting[] = [];
  let isRunning = false;

  async function write(group: readonly Waiting[]): Promise<void> {
    try {
      const results = await commit(group.map(({ item }) => item));
      for (const [index, result] of results.entries()) group[index]?.settled.resolve(result);
    } catch (error) {
      if (group.length === 1) for (const { settled } of group) settled.reject(error);
      else for (const one of group) await write([one]);
    }
  }

  async function run(): Promise<void> {
    isRunning = true;
    while (queue.length > 0) {
      // What is asked for in the same turn of the event loop belongs together already.
      await null;
      await write(queue.splice(0, most));
      await sleep(restMs);
    }
    isRunning = false;
  }

  return (item) => {
    const settled = Promise.withResolvers<Result>();
    queue.push({ item, settled });
    if (!isRunning) void run();
    return settled.promise;
  };
}
