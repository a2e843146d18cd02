import { type ShopCatalog, type TierId, tierIds } from "#shared/catalog/catalog.ts";
import { largerTier, offersOf, priceKeys } from "#shared/catalog/offer.ts";

/** What a beacon is to have for what is paid. */
export interface Entitled {
  /** Whose server it runs on. */
  readonly tier: TierId;
  /** Room for data. */
  readonly storageGb: number;
  /** Its apps. */
  readonly modules: readonly string[];
}

/** What some keys of the catalog come to; what is not sold any more adds nothing. Pure. */
export function entitledTo(catalog: ShopCatalog, keys: readonly string[]): Entitled {
  const offers = catalog.bundles.flatMap((bundle) => offersOf(catalog, bundle)).filter(({ key }) => keys.includes(key));
  const addOns = catalog.addOns.filter(({ id }) => keys.includes(priceKeys.addOn(id)));
  const storage = catalog.storage.filter(({ id }) => keys.includes(priceKeys.storage(id)));
  const [smallest] = tierIds;
  return {
    tier: offers.map(({ server }) => server).reduce(largerTier, smallest),
    storageGb: Math.max(0, ...offers.map(({ storageGb }) => storageGb), ...storage.map(({ storageGb }) => storageGb)),
    modules: [...new Set([...offers.flatMap(({ bundle }) => bundle.modules), ...addOns.flatMap((one) => one.modules)])],
  };
}
