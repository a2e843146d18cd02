import type { Logger } from "pino";
import type { Inventory } from "#shared/inventory.ts";
import { bounded } from "#shared/metrics/packed-span.ts";
import { resolutions } from "#shared/metrics/rollup.ts";
import type { Sample } from "#shared/metrics/sample.ts";
import type { NamedSeries, NumberedSample } from "#shared/metrics/series-table.ts";
import { Problem } from "#shared/problem.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { BeaconChanges, BeaconStore } from "../store/beacons.ts";
import { createGroupCommit } from "../store/group-commit.ts";
import type { RollupStore } from "../store/rollups.ts";
import type { Measured } from "../store/sample-codec.ts";
import { type Layout, layoutWith } from "../store/series-layouts.ts";

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
  /** @param heardAt When anything last came from it. */
  left(beacon: string, heardAt: number): Promise<void>;
  /** Series of a link by number, once more of them have names. @throws {Problem} `invalid_frame` */
  series(known: Layout | undefined, named: NamedSeries): Promise<Layout>;
  /** @throws {Problem} `invalid_frame` for a value of a series without a name */
  report(beacon: string, layout: Layout | undefined, samples: readonly NumberedSample[]): Promise<void>;
  /** The same, as agents of protocol 2 say it. */
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
  const room = createRoom();

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

  async function takeIn<One extends { readonly at: number }>(
    beacon: string,
    samples: readonly One[],
    add: (usable: readonly One[]) => Promise<number>,
  ): Promise<void> {
    const usable = samples.filter(({ at }) => at <= now() + MAX_AHEAD_MS && at >= now() - MAX_AGE_MS);
    const added = await add(usable);
    counters.samples += added;
    counters.repeated += usable.length - added;
    counters.refused += samples.length - usable.length;
    if (now() - (seenAt.get(beacon) ?? 0) >= SEEN_EVERY_MS) await see(beacon);
    fleet.measured(beacon);
  }

  return {
    counters,
    arrived: async (beacon, agentVersion) => {
      log.info({ beacon, agentVersion }, "a beacon came online");
      await see(beacon, { agentVersion });
      fleet.announce(beacon);
    },
    left: async (beacon, heardAt) => {
      log.info({ beacon }, "a beacon went offline");
      await write({ id: beacon, changes: { lastSeenAt: heardAt } });
      seenAt.delete(beacon);
      fleet.announce(beacon);
    },
    series: (known, named) => layoutWith(rollups.layouts, known, named),
    report: (beacon, layout, samples) =>
      takeIn(beacon, measuredOf(layout, samples, room), (usable) => rollups.addMeasured(beacon, usable)),
    samples: (beacon, samples) => takeIn(beacon, samples, (usable) => rollups.add(beacon, usable)),
    inventory: async (beacon, inventory) => {
      await see(beacon, { inventory, agentVersion: inventory.agentVersion });
      fleet.announce(beacon);
    },
    rollUp: () => rollups.rollUp(now()),
    prune: () => rollups.prune(now()),
  };
}

/**
 * Samples as the store has them.
 * @param room Where their values go.
 * @throws {Problem} `invalid_frame` for a value of a series without a name
 */
export function measuredOf(
  layout: Layout | undefined,
  samples: readonly NumberedSample[],
  room: (length: number) => Float32Array,
): Measured[] {
  return samples.map(({ at, values }) => {
    if (layout === undefined || values.length > layout.series.length) {
      throw new Problem("invalid_frame", `a sample has ${values.length} values, and not so many series have names`);
    }
    const places = room(layout.series.length).fill(Number.NaN, values.length);
    for (let place = 0; place < values.length; place++) {
      const value = values[place];
      places[place] = typeof value === "number" ? bounded(value) : Number.NaN;
    }
    return { at, layout, values: places };
  });
}

/** Numbers of a piece of memory that is taken at once: 256 KiB. */
const PIECE = 65_536;

/**
 * Gives room for numbers out of large pieces of memory, each of which is let go of when nothing in it is used any more. To the collector of
 * garbage a small array with memory of its own is far more work than its numbers are.
 */
export function createRoom(): (length: number) => Float32Array {
  let piece = new Float32Array();
  let taken = 0;
  return (length) => {
    if (taken + length > piece.length) {
      piece = new Float32Array(Math.max(PIECE, length));
      taken = 0;
    }
    taken += length;
    return piece.subarray(taken - length, taken);
  };
}
