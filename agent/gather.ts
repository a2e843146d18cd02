import { setTimeout as sleep } from "node:timers/promises";

/** Work that is asked for one by one and done together. */
export interface Gathering<Item> {
  /** Ends when the batch that the item is part of was done, as `done` said for the item. */
  readonly add: (item: Item) => Promise<void>;
}

export interface GatherOptions<Item> {
  /** How long the first of a batch waits for others. */
  readonly withinMs: number;
  /** How long after a batch whatever comes waits for others; none when absent. */
  readonly restMs?: number;
  /** Settles for each item how it went, in the same order; one batch at a time. */
  readonly done: (batch: readonly Item[]) => Promise<readonly PromiseSettledResult<void>[]>;
}

/** Gathers what comes within a short while, and whatever comes while a batch is at work, into one batch. */
export function gather<Item>({ withinMs, restMs = 0, done }: GatherOptions<Item>): Gathering<Item> {
  interface Waiting {
    readonly item: Item;
    readonly resolve: () => void;
    readonly reject: (reason: unknown) => void;
  }
  let waiting: Waiting[] = [];
  let busy = false;

  async function doBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await done(batch.map(({ item }) => item));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const result = results[index];
        if (result?.status === "rejected") reject(result.reason);
        else resolve();
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async function work(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await doBatch(batch);
      if (restMs > 0) await sleep(restMs);
    }
    // In the same turn as the look at what waits: whoever adds next begins anew.
    busy = false;
  }

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (busy) return;
        busy = true;
        setTimeout(() => void work(), withinMs);
      }),
  };
}
