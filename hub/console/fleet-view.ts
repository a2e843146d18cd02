import type { FleetAlert } from "#shared/api/alerts.ts";
import type { BeaconSummary } from "#shared/api/hub.ts";

/** Which beacons are listed. `new`: nothing was heard of it yet. */
export const filters = ["all", "online", "offline", "new", "degraded", "alerts"] as const;
export type FleetFilter = (typeof filters)[number];

export const sortings = ["name", "status", "cpu", "memory", "disk", "apps", "seen"] as const;
export type Sorting = (typeof sortings)[number];

/** How the fleet is listed. It stands in the address. */
export interface FleetView {
  readonly search: string;
  readonly filter: FleetFilter;
  readonly provider?: string | undefined;
  readonly sort: Sorting;
  readonly descending: boolean;
}

/** Pure: what does not make sense is left out. */
export function parseFleetView(query: string): FleetView {
  const asked = new URLSearchParams(query);
  const sort = asked.get("sort") ?? "";
  return {
    search: asked.get("q") ?? "",
    filter: filters.find((one) => one === asked.get("show")) ?? "all",
    provider: asked.get("provider") ?? undefined,
    sort: sortings.find((one) => one === sort.replace(/^-/, "")) ?? "name",
    descending: sort.startsWith("-"),
  };
}

export function formatFleetView({ search, filter, provider, sort, descending }: FleetView): string {
  const query = new URLSearchParams({
    ...(search === "" ? {} : { q: search }),
    ...(filter === "all" ? {} : { show: filter }),
    ...(provider === undefined ? {} : { provider }),
    ...(sort === "name" && !descending ? {} : { sort: `${descending ? "-" : ""}${sort}` }),
  });
  return query.toString();
}

/** Alerts that fire, by beacon. */
export type AlertsByBeacon = ReadonlyMap<string, readonly FleetAlert[]>;

export const alertsByBeacon = (alerts: readonly FleetAlert[] | undefined): AlertsByBeacon =>
  Map.groupBy(alerts ?? [], ({ beacon }) => beacon);

const passes: Readonly<Record<FleetFilter, (beacon: BeaconSummary, alerts: AlertsByBeacon) => boolean>> = {
  all: () => true,
  online: ({ online }) => online,
  offline: ({ online, lastSeenAt }) => !online && lastSeenAt !== undefined,
  new: ({ online, lastSeenAt }) => !online && lastSeenAt === undefined,
  degraded: ({ online, degraded }) => online && degraded > 0,
  alerts: ({ id }, alerts) => alerts.has(id),
};

/** How many beacons each filter shows. */
export function countFleet(beacons: readonly BeaconSummary[], alerts: AlertsByBeacon): Record<FleetFilter, number> {
  const counts = { all: 0, online: 0, offline: 0, new: 0, degraded: 0, alerts: 0 };
  for (const beacon of beacons) for (const filter of filters) if (passes[filter](beacon, alerts)) counts[filter] += 1;
  return counts;
}

/** The worse, the higher: what is sought first when somebody sorts by status. */
function badness({ id, online, lastSeenAt, degraded }: BeaconSummary, alerts: AlertsByBeacon): number {
  if (!online) return lastSeenAt === undefined ? 1 : 4;
  if (alerts.get(id)?.some(({ event }) => event.severity === "critical")) return 3;
  return degraded > 0 || alerts.has(id) ? 2 : 0;
}

/** The beacons that a view shows, in its order; those of equal rank by name. What is not known comes last either way. */
export function listFleet(
  beacons: readonly BeaconSummary[],
  view: FleetView,
  alerts: AlertsByBeacon,
): readonly BeaconSummary[] {
  const wanted = view.search.trim().toLowerCase();
  const shown = beacons.filter(
    (beacon) =>
      passes[view.filter](beacon, alerts) &&
      (view.provider === undefined || beacon.provider === view.provider) &&
      (wanted === "" || `${beacon.name} ${beacon.domain} ${beacon.email}`.toLowerCase().includes(wanted)),
  );
  const direction = view.descending ? -1 : 1;
  const byName = (a: BeaconSummary, b: BeaconSummary) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  if (view.sort === "name") return shown.sort((a, b) => direction * byName(a, b));
  const rankOf = ranks[view.sort];
  const ranked = shown.map((beacon) => ({ beacon, rank: rankOf(beacon, alerts) }));
  ranked.sort((a, b) => {
    if (a.rank === b.rank) return byName(a.beacon, b.beacon);
    if (a.rank === undefined || b.rank === undefined) return a.rank === undefined ? 1 : -1;
    return direction * (a.rank - b.rank);
  });
  return ranked.map(({ beacon }) => beacon);
}

type Rank = (beacon: BeaconSummary, alerts: AlertsByBeacon) => number | undefined;

const ranks: Readonly<Record<Exclude<Sorting, "name">, Rank>> = {
  status: badness,
  cpu: ({ cpuPercent }) => cpuPercent,
  memory: ({ memoryPercent }) => memoryPercent,
  disk: ({ diskPercent }) => diskPercent,
  apps: ({ instances }) => instances,
  seen: ({ lastSeenAt }) => lastSeenAt,
};
