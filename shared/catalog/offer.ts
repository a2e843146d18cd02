import {
  type Bundle,
  type BundlePrice,
  type ListedModule,
  type ShopCatalog,
  type Tier,
  type TierId,
  tierIds,
  type Users,
} from "./catalog.ts";
import { coreModuleIds } from "./module-directory.ts";
import { SYSTEM_MB } from "./tiers.ts";

/** A bundle at a tier: what somebody gets for the price. */
export interface Offer {
  /** Lookup key of its price. */
  readonly key: string;
  readonly bundle: Bundle;
  readonly tier: TierId;
  /** `undefined`: not sold at this tier. */
  readonly price: BundlePrice | undefined;
  /** Whose server it runs on: the tier's own, or the smallest that has room for the bundle. */
  readonly server: TierId;
  readonly memoryMb: number;
  readonly storageGb: number;
  readonly users: Users;
  readonly backupDays: number;
}

/** Keys by which prices are known to whoever takes the money. */
export const priceKeys = {
  bundle: (bundle: string, tier: TierId) => `bundle_${bundle}_${tier}`,
  addOn: (addOn: string) => `addon_${addOn}`,
  storage: (storage: string) => `storage_${storage}`,
} as const;

/** @throws {RangeError} when the catalog lacks a tier, which `ShopCatalog` and `checkCatalog` do not let pass */
export function tierOf({ tiers }: Pick<ShopCatalog, "tiers">, id: TierId): Tier {
  const tier = tiers.find((one) => one.id === id);
  if (tier === undefined) throw new RangeError(`the catalog has no tier ${id}`);
  return tier;
}

export const largerTier = (a: TierId, b: TierId): TierId => (tierIds.indexOf(a) < tierIds.indexOf(b) ? b : a);

export function offerOf(catalog: Pick<ShopCatalog, "tiers">, bundle: Bundle, id: TierId): Offer {
  const tier = tierOf(catalog, id);
  const server = largerTier(id, bundle.smallestServer);
  return {
    key: priceKeys.bundle(bundle.id, id),
    bundle,
    tier: id,
    price: bundle.prices[id],
    server,
    memoryMb: tierOf(catalog, server).memoryMb,
    storageGb: tier.storageGb,
    users: morePeople(tier.users, bundle.users ?? 0),
    backupDays: tier.backupDays,
  };
}

export const offersOf = (catalog: Pick<ShopCatalog, "tiers">, bundle: Bundle): Offer[] =>
  tierIds.map((tier) => offerOf(catalog, bundle, tier));

const morePeople = (a: Users, b: Users | 0): Users =>
  a === "unlimited" || b === "unlimited" ? "unlimited" : Math.max(a, b);

/** What a set of apps needs with the core modules and the system below, in MB. Modules that are not known count nothing. */
export const memoryNeedMb = (apps: Iterable<string>, modules: ReadonlyMap<string, Pick<ListedModule, "memoryMb">>) =>
  [...new Set([...coreModuleIds, ...apps])].reduce((sum, id) => sum + (modules.get(id)?.memoryMb ?? 0), SYSTEM_MB);

export interface CatalogPrice {
  readonly key: string;
  /** What the customer reads on the invoice. */
  readonly title: string;
  readonly priceCents: number;
}

/** Everything that has a price, for whoever takes the money; what is agreed with the customer is not among it. */
export function pricesOf(
  catalog: ShopCatalog,
  modules: ReadonlyMap<string, Pick<ListedModule, "title">>,
): CatalogPrice[] {
  const bundles = catalog.bundles.flatMap((bundle) =>
    offersOf(catalog, bundle).flatMap(({ key, tier, price }) =>
      typeof price === "number" ? [{ key, title: `${bundle.name} ${tier.toUpperCase()}`, priceCents: price }] : [],
    ),
  );
  const addOns = catalog.addOns.map(({ id, priceCents }) => ({
    key: priceKeys.addOn(id),
    title: modules.get(id)?.title ?? id,
    priceCents,
  }));
  const storage = catalog.storage.map(({ id, storageGb, priceCents }) => ({
    key: priceKeys.storage(id),
    title: `${storageGb} GB of storage`,
    priceCents,
  }));
  return [...bundles, ...addOns, ...storage];
}
