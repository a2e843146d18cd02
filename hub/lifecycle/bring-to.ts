import type { LifecycleChange } from "#shared/api/lifecycle.ts";
import { diskSeriesName } from "#shared/metrics/sample.ts";
import type { Entitled } from "../billing/entitled-to.ts";
import type { NewId } from "../id.ts";
import type { Beacon, BeaconStore } from "../store/beacons.ts";
import type { PurchaseStore } from "../store/purchases.ts";
import type { RollupStore } from "../store/rollups.ts";
import { BILLING } from "./beacon-life.ts";
import type { LifecycleContext } from "./change.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { planFit } from "./plan-fit.ts";

export interface BringToParts {
  readonly lifecycle: Pick<Lifecycle, "request" | "assertPossible">;
  readonly purchases: Pick<PurchaseStore, "beaconOf">;
  readonly beacons: Pick<BeaconStore, "get">;
  readonly rollups: Pick<RollupStore, "newest">;
  readonly market: LifecycleContext["market"];
  /** What can be installed here. */
  readonly modules: { has(id: string): boolean };
  readonly newId: NewId;
}

export interface Entitlement {
  readonly purchase: string;
  readonly from: Entitled;
  readonly to: Entitled;
}

/** Brings beacons to what is paid for. */
export interface BringTo {
  /** Whether it can be. @throws {Problem} when the data or the apps have no room, the provider cannot, or another change is under way */
  check(change: Entitlement): Promise<void>;
  /**
   * Takes a job up where there is something to do. May be called again.
   * @returns whether there is a beacon
   * @throws {Problem} `conflict` while something else is done to it, and what is in the way of the change
   */
  bring(change: Entitlement): Promise<boolean>;
}

type Resize = Extract<LifecycleChange, { change: "resize" }>;

export function createBringTo(parts: BringToParts): BringTo {
  const { lifecycle, purchases, beacons, rollups, market, modules, newId } = parts;

  const beaconOf = async (purchase: string): Promise<Beacon | undefined> => {
    const id = await purchases.beaconOf(purchase);
    return id === undefined ? undefined : beacons.get(id);
  };
  /** `undefined` when all is so already. What its server is decides, not what was paid before: it may be told again. */
  const missing = async (beacon: Beacon, { from, to }: Entitlement): Promise<Resize | undefined> => {
    const installed = new Set((beacon.inventory?.instances ?? []).map(({ module }) => module));
    const install = to.modules.filter((id) => !from.modules.includes(id) && !installed.has(id) && modules.has(id));
    const remove = from.modules.filter((id) => !to.modules.includes(id) && installed.has(id));
    const size = market.sizeOf(beacon.provider, to.tier);
    const vps = await (await market.open(beacon.provider)).get(beacon.providerId ?? "");
    const isOfSize = size === undefined || vps === undefined || vps.size === size;
    if (isOfSize && install.length + remove.length === 0) return undefined;
    return {
      ...{ change: "resize", tier: to.tier },
      ...(install.length === 0 ? {} : { install }),
      ...(remove.length === 0 ? {} : { remove }),
    };
  };

  return {
    check: async (change) => {
      const beacon = await beaconOf(change.purchase);
      if (beacon === undefined) return;
      const usedBytes = (await rollups.newest(beacon.id))?.values[diskSeriesName("/", "used_bytes")];
      const { storageGb } = change.to;
      // More room than before is no reason to refuse, however full it is.
      const problem = planFit({
        beacon: beacon.name,
        modules: [],
        memoryMb: Number.POSITIVE_INFINITY,
        usedBytes,
        storageGb,
      });
      if (problem !== undefined && storageGb < change.from.storageGb) throw problem;
      const wanted = await missing(beacon, change);
      if (wanted !== undefined) await lifecycle.assertPossible(beacon.id, wanted);
    },
    bring: async (change) => {
      const beacon = await beaconOf(change.purchase);
      if (beacon === undefined) return false;
      const wanted = await missing(beacon, change);
      if (wanted === undefined) return true;
      await lifecycle.request({ id: newId("lifecycle"), beacon: beacon.id, change: wanted, actor: BILLING });
      return true;
    },
  };
}
