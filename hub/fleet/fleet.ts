import { setTimeout as sleep } from "node:timers/promises";
import type { BeaconOverview } from "#shared/api/beacon.ts";
import type { BeaconSummary } from "#shared/api/hub.ts";
import type { Sample } from "#shared/metrics/sample.ts";
import { diskSeriesName } from "#shared/metrics/sample.ts";
import { Problem } from "#shared/problem.ts";
import type { Live } from "../live.ts";
import type { Beacon, BeaconStore } from "../store/beacons.ts";
import type { RollupStore } from "../store/rollups.ts";

/** Older values say nothing about now. */
const FRESH_MS = 60_000;

/** Between one telling and the next. */
const REST_MS = 1_000;

export interface FleetParts {
  readonly beacons: BeaconStore;
  readonly rollups: RollupStore;
  readonly links: { isOnline(beacon: string): boolean; revoke(beacon: string): void };
  readonly live: Live;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

/** All beacons as people see them. */
export interface Fleet {
  /** Those of one owner, or all. */
  list(owner?: { readonly id: string; readonly email: string }): Promise<BeaconSummary[]>;
  /** @throws {Problem} `not_found` */
  overview(id: string): Promise<BeaconOverview>;
  /** Something about a beacon changed: tells those who look, of all that changed at once, and once a second at most. */
  announce(id: string): void;
  /** The same of what it measured, which the list alone shows. */
  measured(id: string): void;
  /** Takes a beacon out of the fleet and shuts its agent out. Its apps keep running. */
  remove(id: string): Promise<void>;
}

export function createFleet({ beacons, rollups, links, live, now, onError }: FleetParts): Fleet {
  const summaryOf = async (beacon: Beacon) =>
    summarise(beacon, links.isOnline(beacon.id), await freshValues(beacon.id));

  const freshValues = async (id: string) => {
    const newest = await rollups.newest(id);
    return newest !== undefined && now() - newest.at < FRESH_MS ? newest.values : {};
  };

  const changed = new Set<string>();
  let resting = false;

  const tell = async () => {
    try {
      while (changed.size > 0) {
        const ids = [...changed];
        changed.clear();
        const known = (await Promise.all(ids.map(beacons.get))).filter((beacon) => beacon !== undefined);
        const seen = await Promise.all(known.map(async (beacon) => ({ beacon, summary: await summaryOf(beacon) })));
        if (seen.length > 0) live.publish("beacons", seen);
        for (const beacon of known) live.publish("overview", overviewOf(beacon, links.isOnline(beacon.id)));
        await sleep(REST_MS, undefined, { ref: false });
      }
    } finally {
      resting = false;
    }
  };

  const announce = (id: string) => {
    if (!live.isHeard("beacons") && !live.isHeard("overview")) return;
    changed.add(id);
    if (resting) return;
    resting = true;
    tell().catch(onError);
  };

  return {
    list: async (owner) => {
      const all = await beacons.list();
      const seen = owner === undefined ? all : all.filter((beacon) => isOwnedBy(beacon, owner));
      return Promise.all(seen.map(summaryOf));
    },
    overview: async (id) => {
      const beacon = await beacons.get(id);
      if (beacon === undefined) throw new Problem("not_found", `there is no beacon ${id}`);
      return overviewOf(beacon, links.isOnline(id));
    },
    announce,
    measured: (id) => {
      if (live.isHeard("beacons")) announce(id);
    },
    remove: async (id) => {
      await beacons.remove(id);
      links.revoke(id);
    },
  };
}

/** Until the owner has an account, the beacon's address says whose it is. */
export const isOwnedBy = (
  beacon: Pick<Beacon, "owner" | "email">,
  user: { readonly id: string; readonly email: string },
) => (beacon.owner === undefined ? beacon.email.toLowerCase() === user.email.toLowerCase() : beacon.owner === user.id);

const overviewOf = (beacon: Beacon, online: boolean): BeaconOverview => ({
  id: beacon.id,
  name: beacon.name,
  domain: beacon.domain,
  online,
  lastSeenAt: beacon.lastSeenAt,
  revokedAt: beacon.revokedAt,
  suspendedAt: beacon.suspendedAt,
  leavingSince: beacon.leaving?.since,
  agentVersion: beacon.agentVersion,
  inventory: beacon.inventory,
});

function summarise(beacon: Beacon, online: boolean, values: Sample["values"]): BeaconSummary {
  const instances = beacon.inventory?.instances ?? [];
  return {
    id: beacon.id,
    name: beacon.name,
    domain: beacon.domain,
    email: beacon.email,
    provider: beacon.provider,
    region: beacon.region,
    online,
    lastSeenAt: beacon.lastSeenAt,
    revokedAt: beacon.revokedAt,
    suspendedAt: beacon.suspendedAt,
    leavingSince: beacon.leaving?.since,
    createdAt: beacon.createdAt,
    agentVersion: beacon.agentVersion,
    instances: instances.filter(({ core }) => !core).length,
    degraded: instances.filter(({ state }) => state === "degraded").length,
    cpuPercent: values.cpu_percent,
    memoryPercent: percent(values.memory_used_bytes, values.memory_total_bytes),
    diskPercent: percent(values[diskSeriesName("/", "used_bytes")], values[diskSeriesName("/", "total_bytes")]),
  };
}

const percent = (part: number | undefined, whole: number | undefined) =>
  part === undefined || whole === undefined || whole === 0 ? undefined : (100 * part) / whole;
