/**
 * Has what many ask for at the same time written together: while one commit is under way, all that comes waits for the next one, so
 * that a thousand small writes a second cost a few flushes of the disk, and a lonely one waits for nobody.
 * @param commit Writes all of them or none; gives the result of each, in order.
 * @param most How many go together at most.
 * @returns writes one item; fails only when that item alone fails
 */
export function createGroupCommit<Item, Result>(
  commit: (items: readonly Item[]) => Promise<readonly Result[]>,
  most: number,
): (item: Item) => Promise<Result> {
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
    while (queue.length > 0) await write(queue.splice(0, most));
    isRunning = false;
  }

  return (item) => {
    const settled = Promise.withResolvers<Result>();
    queue.push({ item, settled });
    if (!isRunning) void run();
    return settled.promise;
  };
}
