import { endedStates } from "#shared/api/beacon.ts";
import { hashOf } from "#shared/hash.ts";
import type { Inventory } from "#shared/inventory.ts";
import type { CommandQueue } from "./command-queue.ts";
import type { CollectInventory } from "./inventory.ts";
import type { Log } from "./log.ts";

/** Looks at the inventory now and then, and after each command. */
export interface InventoryWatch {
  /** As it is now; whoever listens is told when it changed. */
  readonly fresh: () => Promise<Inventory>;
  /** As it was when looked at last. */
  readonly latest: () => Inventory | undefined;
  /** Told each inventory that differs from the one before in more than its time. Gives the way to stop. */
  readonly listen: (listener: (inventory: Inventory) => void) => () => void;
  readonly stop: () => void;
}

export interface InventoryWatchOptions {
  readonly collect: CollectInventory;
  readonly queue: Pick<CommandQueue, "onChange">;
  readonly everyMs: number;
  readonly log: Log;
}

export function createInventoryWatch({ collect, queue, everyMs, log }: InventoryWatchOptions): InventoryWatch {
  const listeners = new Set<(inventory: Inventory) => void>();
  let latest: { inventory: Inventory; hash: string } | undefined;

  const fresh = async () => {
    const inventory = await collect();
    if (latest !== undefined && inventory.at < latest.inventory.at) return latest.inventory;
    const before = latest?.hash;
    latest = { inventory, hash: hashWithoutTime(inventory) };
    if (latest.hash !== before) for (const listener of listeners) listener(inventory);
    return inventory;
  };
  const look = () => {
    fresh().catch((error: unknown) => log.error({ error }, "the inventory could not be taken"));
  };
  const stopListening = queue.onChange(({ state }) => {
    if (endedStates.includes(state)) look();
  });
  const timer = setInterval(look, everyMs);

  return {
    fresh,
    latest: () => latest?.inventory,
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: () => {
      clearInterval(timer);
      stopListening();
    },
  };
}

const hashWithoutTime = ({ at: _at, ...rest }: Inventory) => hashOf(rest);
