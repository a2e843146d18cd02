import type { BookedBeacon, BookedOrder, Books } from "./scene.ts";

/** The books, by what is asked of them. */
export interface LookUp {
  readonly beacon: (id: string) => BookedBeacon | undefined;
  /** What a beacon was made for; of one that has left, and whose job is forgotten, by its name. */
  readonly orderOf: (beacon: string) => BookedOrder | undefined;
  readonly purchase: (id: string) => BookedOrder | undefined;
  /** The beacon that was made for an order. */
  readonly beaconOf: (order: BookedOrder) => BookedBeacon | undefined;
  readonly isBusy: (beacon: string) => boolean;
}

export function lookUpIn({ beacons, orders, busy }: Books): LookUp {
  const byId = new Map(beacons.map((beacon) => [beacon.id, beacon]));
  const left = new Map(beacons.filter(({ leftAt }) => leftAt !== undefined).map((beacon) => [beacon.name, beacon]));
  const byPurchase = new Map(orders.map((order) => [order.purchase, order]));
  const byBeacon = new Map(orders.flatMap((order) => (order.job === undefined ? [] : [[order.job.beacon, order]])));
  // A name that left with its beacon is given to nobody else, so that the last order of that name is its own.
  const forgotten = new Map(orders.filter(({ job }) => job === undefined).map((order) => [order.beaconName, order]));
  return {
    beacon: (id) => byId.get(id),
    orderOf: (id) =>
      byBeacon.get(id) ?? (byId.get(id)?.leftAt === undefined ? undefined : forgotten.get(byId.get(id)?.name ?? "")),
    purchase: (id) => byPurchase.get(id),
    beaconOf: ({ job, beaconName }) => (job === undefined ? left.get(beaconName) : byId.get(job.beacon)),
    isBusy: (beacon) => busy.has(beacon),
  };
}
