import { addOns } from "./add-ons.ts";
import type { ShopCatalog } from "./catalog.ts";
import { microBundles } from "./micro-bundles.ts";
import { suites } from "./suites.ts";
import { storage, tiers } from "./tiers.ts";

/** What a hub sells unless its operator says otherwise. */
export const defaultCatalog: ShopCatalog = {
  currency: "usd",
  tiers: [...tiers],
  bundles: [...suites, ...microBundles],
  addOns: [...addOns],
  storage: [...storage],
};
