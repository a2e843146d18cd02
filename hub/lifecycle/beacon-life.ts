import { hashOf } from "#shared/hash.ts";
import type { BeaconLife, LifeOrder } from "../billing/life.ts";
import type { BeaconStore } from "../store/beacons.ts";
import type { PurchaseStore } from "../store/purchases.ts";
import type { Lifecycle } from "./lifecycle.ts";

export interface BeaconLifeParts {
  readonly lifecycle: Pick<Lifecycle, "request">;
  readonly purchases: Pick<PurchaseStore, "beaconOf">;
  readonly beacons: Pick<BeaconStore, "get">;
}

/** Who asks for what follows from a subscription, and tells of it. */
export const BILLING = "billing";

/** What follows for a beacon from how its subscription stands: a job each, once for each order, however often it is given. */
export function createBeaconLife({ lifecycle, purchases, beacons }: BeaconLifeParts): BeaconLife {
  const ask =
    (change: "suspend" | "resume" | "delete") =>
    async ({ id, purchase }: LifeOrder) => {
      const beacon = await purchases.beaconOf(purchase);
      // One that was never made, was taken back, has left or was deleted: there is nothing to do it to.
      if (beacon === undefined || (await beacons.get(beacon)) === undefined) return;
      const job = `lifecycle_${hashOf(["billing", id]).slice(0, 32)}`;
      await lifecycle.request({ id: job, beacon, change: { change }, actor: BILLING });
    };
  return { suspend: ask("suspend"), resume: ask("resume"), terminate: ask("delete") };
}
