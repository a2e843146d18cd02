import type { Logger } from "pino";
import type { Inventory } from "#shared/inventory.ts";
import { resolutions } from "#shared/metrics/rollup.ts";
import type { Sample } from "#shared/metrics/sample.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { BeaconChanges, BeaconStore } from "../store/beacons.ts";
import { createGroupCommit } from "../store/group-commit.ts";
import type { RollupStore } from "../store/rollups.ts";

/** A clock further ahead than this is wrong. */
const MAX_AHEAD_MS = 600_000;
/** While samples flow, when the beacon was seen last is written down this often: it would cost a disk flush each time. */
const SEEN_EVERY_MS = 60_000;
const MAX_AGE_MS = Math.max(...resolutions.map(({ keptMs }) => keptMs));

export interface IngestParts {
  readonly beacons: BeaconStore;
  readonly rollups: RollupStore;
  readonly fleet: Fleet;
  readonly log: Logger;
  readonly now: () => number;
}

/** Takes in what agents report of themselves. */
export interface Ingest {
  arrived(beacon: string, agentVersion: string): Promise<void>;
  left(beacon: string): Promise<void>;
  samples(beacon: string, samples: readonly Sample[]): Promise<void>;
  inventory(beacon: string, inventory: Inventory): Promise<void>;
  /** Makes points of spans of time that are over. To be called a few times a minute. */
  rollUp(): Promise<void>;
  /** Forgets what is too old. To be called now and then. */
  prune(): Promise<void>;
  readonly counters: { readonly samples: number; readonly repeated: number; readonly refused: number };
}

export function createIngest({ beacons, rollups, fleet, log, now }: IngestParts): Ingest {
  const counters = { samples: 0, repeated: 0, refused: 0 };
  const seenAt = new Map<string, number>();

  const write = createGroupCommit({
    commit: async (updates: Parameters<BeaconStore["updateAll"]>[0]) => {
      await beacons.updateAll(updates);
      return updates.map(() => undefined);
    },
    most: 500,
    restMs: 50,
  });
  const see = async (beacon: string, changes: BeaconChanges = {}) => {
    seenAt.set(beacon, now());
    await write({ id: beacon, changes: { ...changes, lastSeenAt: now() } });
  };

  return {
    counters,
    arrived: async (beacon, agentVersion) => {
      log.info({ beacon, agentVersion }, "a beacon came online");
      await see(beacon, { agentVersion });
      await fleet.announce(beacon);
    },
    left: async (beacon) => {
      log.info({ beacon }, "a beacon went offline");
      await see(beacon);
      seenAt.delete(beacon);
      await fleet.announce(beacon);
    },
    samples: async (beacon, samples) => {
      const usable = samples.filter(({ at }) => at <= now() + MAX_AHEAD_MS && at >= now() - MAX_AGE_MS);
      const added = await rollups.add(beacon, usable);
      counters.samples += added;
      counters.repeated += usable.length - added;
      counters.refused += samples.length - usable.length;
      if (now() - (seenAt.get(beacon) ?? 0) >= SEEN_EVERY_MS) await see(beacon);
      await fleet.announce(beacon);
    },
    inventory: async (beacon, inventory) => {
      await see(beacon, { inventory, agentVersion: inventory.agentVersion });
      await fleet.announce(beacon);
    },
    rollUp: () => rollups.rollUp(now()),
    prune: () => rollups.prune(now()),
  };
}
