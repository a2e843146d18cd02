import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

export interface GroupCommitOptions<Item, Result> {
  /** Writes all of them or none; gives the result of each, in order. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** How much goes together at most, but at least one item. */
  readonly most: number;
  /** How much an item is; 1 when absent. */
  readonly weigh?: (item: Item) => number;
  /** Time from one commit to the next, while less waits than a quarter of what may go together. */
  readonly restMs: number;
  /** Whether a commit may begin while the one before is still brought to the disk. */
  readonly overlap?: boolean;
}

/**
 * Has what many ask for at about the same time written together, so that a thousand small writes a second cost a few commits.
 * What comes after a rest is written at once.
 * @returns writes one item; fails only when that item alone fails
 */
export function createGroupCommit<Item, Result>({
  commit,
  most,
  weigh = () => 1,
  restMs,
  overlap = false,
}: GroupCommitOptions<Item, Result>): (item: Item) => Promise<Result> {
  interface Waiting {
    readonly item: Item;
    readonly settled: PromiseWithResolvers<Result>;
  }
  let queue: Waiting[] = [];
  let weight = 0;
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

  function take(): Waiting[] {
    let taken = 0;
    let count = 0;
    for (const { item } of queue) {
      const more = taken + weigh(item);
      if (count > 0 && more > most) break;
      taken = more;
      count += 1;
    }
    const group = queue.slice(0, count);
    queue = queue.slice(count);
    weight -= taken;
    return group;
  }

  async function run(): Promise<void> {
    isRunning = true;
    let before = Promise.resolve();
    while (queue.length > 0) {
      // What is asked for in the same turn of the event loop belongs together already.
      await null;
      const current = write(take());
      await (overlap ? before : current);
      before = current;
      await (weight < most / 4 ? sleep(restMs) : nextTurn());
    }
    isRunning = false;
  }

  return (item) => {
    const settled = Promise.withResolvers<Result>();
    queue.push({ item, settled });
    weight += weigh(item);
    if (!isRunning) void run();
    return settled.promise;
  };
}
