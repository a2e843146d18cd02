import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import { Problem } from "#shared/problem.ts";
import { createSealing } from "#shared/sealing.ts";
import { every } from "../every.ts";
import { createFleet } from "../fleet/fleet.ts";
import type { Live } from "../live.ts";
import { createRemoteWrite } from "../remote-write/remote-write.ts";
import type { BeaconStore } from "../store/beacons.ts";
import type { Database } from "../store/database.ts";
import { createGapStore } from "../store/gaps.ts";
import { createRemoteWriteDue } from "../store/remote-write-due.ts";
import { createRollupStore } from "../store/rollups.ts";
import type { SettingStore } from "../store/settings.ts";
import type { Links } from "../ws/links.ts";
import { createHistory } from "./history.ts";
import { createIngest } from "./ingest.ts";

const ROLL_UP_MS = 15_000;

export interface MeasurementsParts {
  readonly db: Database;
  readonly settings: SettingStore;
  readonly sealingKey: Uint8Array;
  readonly beacons: BeaconStore;
  readonly links: Links;
  readonly live: Live;
  /** Between two looks for what is too old to be kept. */
  readonly pruneMs: number;
  readonly now: () => number;
  readonly log: Logger;
  readonly onError: (error: unknown) => void;
}

/** The parts of the hub that take in what beacons measure, keep it, show it, and write it on to another store. */
export function createMeasurements(parts: MeasurementsParts) {
  const { db, settings, beacons, links, live, pruneMs, now, log, onError } = parts;
  const due = createRemoteWriteDue(db);
  const rollups = createRollupStore(db, undefined, due.note);
  const gaps = createGapStore(db);
  const fleet = createFleet({ beacons, rollups, links, live, now, onError });
  const ingest = createIngest({ beacons, rollups, fleet, log, now });
  const history = createHistory({ rollups, gaps, now });
  const sealing = createSealing({ key: parts.sealingKey, randomBytes, lost: sealingKeyLost });
  const remoteWrite = createRemoteWrite({ due, rollups, beacons, settings, sealing, fetch, now, onError });
  const prune = async () => {
    await due.coarsen(now());
    await ingest.prune();
    await gaps.prune(now());
  };
  let loops: readonly (() => Promise<void>)[] = [];
  return {
    rollups,
    gaps,
    fleet,
    ingest,
    history,
    remoteWrite,
    start: () => {
      loops = [every(ROLL_UP_MS, ingest.rollUp, onError), every(pruneMs, prune, onError)];
    },
    stop: async () => {
      await Promise.all([remoteWrite.stop(), ...loops.map((stop) => stop())]);
    },
  };
}

const sealingKeyLost = (cause: unknown) =>
  new Problem("conflict", "the secret of remote write cannot be opened with the hub's sealing key", {
    hint: "Put the file sealing-key back from where it was kept, or put the secret in again.",
    cause,
  });
