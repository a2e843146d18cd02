import { Problem } from "#shared/problem.ts";
import type { NewId } from "../id.ts";
import { providerKinds } from "../providers/index.ts";
import type { ProviderMarket } from "../providers/market.ts";
import type { Database } from "../store/database.ts";
import { createLifecycleJobStore } from "../store/lifecycle-jobs.ts";
import { createPurchaseStore } from "../store/purchases.ts";
import type { RollupStore } from "../store/rollups.ts";
import type { Links } from "../ws/links.ts";
import { createBeaconLife } from "./beacon-life.ts";
import { createBringTo } from "./bring-to.ts";
import { createLifecycle, type LifecycleParts } from "./lifecycle.ts";
import { type Billed, subscribedThrough } from "./subscribed.ts";

export interface OpenLifecycleParts extends Omit<LifecycleParts, "jobs" | "market" | "subscribed" | "links"> {
  readonly db: Database;
  readonly market: ProviderMarket;
  readonly links: Pick<Links, "isOnline" | "query">;
  /** Who takes the money; nobody where nothing is sold. Asked once there is something to do: billing itself needs what is opened here. */
  readonly billing: () => Billed | undefined;
  readonly rollups: Pick<RollupStore, "newest">;
  /** What can be installed here. */
  readonly modules: { has(id: string): boolean };
  readonly newId: NewId;
}

/** Changes of beacons, and what billing asks for of them. */
export function openLifecycle(parts: OpenLifecycleParts) {
  const { db, billing, rollups, modules, newId, ...context } = parts;
  const purchases = createPurchaseStore(db);
  const lacks = (name: string) => providerKinds.find((kind) => kind.name === name)?.lacks ?? [];
  const market = { ...parts.market, lacks };
  const subscribed = subscribedThrough(billing, purchases);
  const links = { isOnline: parts.links.isOnline, answers: answersThrough(parts.links) };
  const lifecycle = createLifecycle({ ...context, links, market, subscribed, jobs: createLifecycleJobStore(db) });
  const { beacons } = context;
  return {
    lifecycle,
    beaconLife: createBeaconLife({ lifecycle, purchases, beacons }),
    bringTo: createBringTo({ lifecycle, purchases, beacons, rollups, market, modules, newId }),
  };
}

/** Any question does: that of the journal costs nothing where it is about no command. */
const answersThrough =
  ({ isOnline, query }: Pick<Links, "isOnline" | "query">) =>
  async (beacon: string): Promise<boolean> => {
    if (!isOnline(beacon)) return false;
    try {
      await query(beacon, "journal", { commands: [] });
      return true;
    } catch (thrown) {
      if (thrown instanceof Problem) return false;
      throw thrown;
    }
  };
