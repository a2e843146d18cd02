import { z } from "zod";
import type { BundleStock } from "#shared/api/shop.ts";
import { Bundle, type ListedModule, PriceCents, type ShopCatalog, tierIds } from "#shared/catalog/catalog.ts";
import { checkCatalog } from "#shared/catalog/check-catalog.ts";
import { defaultCatalog } from "#shared/catalog/default-catalog.ts";
import { moduleDirectory } from "#shared/catalog/module-directory.ts";
import { priceKeys, pricesOf } from "#shared/catalog/offer.ts";
import type { Manifest } from "#shared/modules/manifest.ts";
import { Problem } from "#shared/problem.ts";

const Path = z.string().startsWith("/");

/** The shop's settings in the hub's configuration. Without them the hub has no public site. */
export const ShopSettings = z.strictObject({
  /** Name of the business. */
  name: z.string().min(1).max(40).default("WOPR"),
  /** Where customers write to. */
  contact: z.email().exactOptional(),
  /** Bundles that are not sold. */
  off: z.array(z.string()).default([]),
  /** Other prices, in cents a month, by their keys: `bundle_starter_t1`, `addon_ollama`, `storage_200gb`. */
  prices: z.record(z.string(), PriceCents).default({}),
  /** Bundles of the operator's own; one of a known id takes the place of that. */
  bundles: z.array(Bundle).default([]),
  /** Texts of the operator's own, as files: paragraphs, `# headings`, `- lists`. */
  pages: z.strictObject({ terms: Path, privacy: Path, imprint: Path }).partial().default({}),
});
export type ShopSettings = z.output<typeof ShopSettings>;

/** What can be bought here, and what will be. */
export interface Stock {
  /** Without what the operator has switched off. */
  readonly catalog: ShopCatalog;
  /** All modules that there are or will be. */
  readonly modules: ReadonlyMap<string, ListedModule>;
  /** Those of them that cannot be installed yet; a bundle or an add-on that has any cannot be bought. */
  missing(of: { readonly modules: readonly string[] }): string[];
  /** Every bundle, those that are not sold too. */
  states(): BundleStock[];
}

/**
 * Puts the operator's settings over the catalog, and checks what comes of it.
 * @param manifests The modules that can be installed, by id.
 * @throws {Problem} `invalid_input` that names everything that is wrong
 */
export function openStock(settings: ShopSettings, manifests: ReadonlyMap<string, Manifest>): Stock {
  const modules = new Map(moduleDirectory.map((module) => [module.id, module]));
  for (const [id, manifest] of manifests) modules.set(id, listedOf(manifest, modules.get(id)));
  const own = new Map(settings.bundles.map((bundle) => [bundle.id, bundle]));
  const bundles = [
    ...defaultCatalog.bundles.map((bundle) => own.get(bundle.id) ?? bundle),
    ...settings.bundles.filter(({ id }) => !defaultCatalog.bundles.some((bundle) => bundle.id === id)),
  ];
  const everything = { ...defaultCatalog, bundles };
  const catalog = withPrices(everything, settings.prices);
  const findings = [...strangers(everything, modules, settings), ...checkCatalog(catalog, modules)];
  if (findings.length > 0) {
    throw new Problem("invalid_input", `what is for sale is not right: ${findings.join("; ")}`, {
      hint: "Correct shop in the configuration, or the memory that the manifests ask for.",
      details: { findings },
    });
  }
  const missing: Stock["missing"] = (of) => of.modules.filter((id) => !manifests.has(id));
  return {
    catalog: { ...catalog, bundles: catalog.bundles.filter(({ id }) => !settings.off.includes(id)) },
    modules,
    missing,
    states: () =>
      catalog.bundles.map((bundle) => {
        const lacks = missing(bundle);
        const state = settings.off.includes(bundle.id) ? "off" : lacks.length > 0 ? "coming" : "sold";
        return { id: bundle.id, name: bundle.name, state, missing: lacks };
      }),
  };
}

/** A manifest knows best what its module needs; the directory says shorter what it is for. */
const listedOf = (
  { id, title, category, summary, replaces, resources }: Manifest,
  listed?: ListedModule,
): ListedModule => ({
  ...{ id, title, category, purpose: listed?.purpose ?? summary, memoryMb: resources.memoryMb },
  replaces: listed?.replaces ?? replaces,
});

const withPrices = (catalog: ShopCatalog, prices: ShopSettings["prices"]): ShopCatalog => ({
  ...catalog,
  bundles: catalog.bundles.map((bundle) => ({
    ...bundle,
    prices: {
      ...bundle.prices,
      ...Object.fromEntries(
        tierIds.flatMap((tier) => {
          const price = prices[priceKeys.bundle(bundle.id, tier)];
          return price === undefined ? [] : [[tier, price]];
        }),
      ),
    },
  })),
  addOns: catalog.addOns.map((one) => ({ ...one, priceCents: prices[priceKeys.addOn(one.id)] ?? one.priceCents })),
  storage: catalog.storage.map((one) => ({ ...one, priceCents: prices[priceKeys.storage(one.id)] ?? one.priceCents })),
});

/** What the settings name that is not there. What has no price of its own, because it is agreed on, may get one. */
function strangers(catalog: ShopCatalog, modules: Stock["modules"], { off, prices }: ShopSettings): string[] {
  const keys = new Set([
    ...pricesOf(catalog, modules).map(({ key }) => key),
    ...catalog.bundles.flatMap(({ id }) => tierIds.map((tier) => priceKeys.bundle(id, tier))),
  ]);
  return [
    ...off
      .filter((id) => !catalog.bundles.some((bundle) => bundle.id === id))
      .map((id) => `shop.off names ${id}, which is no bundle`),
    ...Object.keys(prices)
      .filter((key) => !keys.has(key))
      .map((key) => `shop.prices names ${key}, which nothing has`),
  ];
}
