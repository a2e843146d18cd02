import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import type { HubConfig } from "./config.ts";
import type { Catalog } from "./fleet/catalog.ts";
import { readAssets } from "./http/site/assets.ts";
import { createShop, type ShopParts } from "./shop/shop.ts";
import { openStock } from "./shop/stock.ts";
import { readTexts } from "./shop/texts.ts";

export interface OpenShopParts extends Omit<ShopParts, "stock"> {
  readonly config: HubConfig;
  readonly modules: Catalog;
  readonly log: Logger;
}

/** The shop and its site, where the configuration has one. @throws {Problem} `invalid_input` for what is wrong with it */
export function openShop({ config, modules, log, ...parts }: OpenShopParts) {
  const { shop: settings, publicUrl: origin, zone } = config;
  if (settings === undefined) return undefined;
  const stock = openStock(settings, new Map([...modules].map(([id, { manifest }]) => [id, manifest])));
  const coming = stock.states().filter(({ state }) => state === "coming");
  if (coming.length > 0) {
    const lacks = Object.fromEntries(coming.map(({ id, missing }) => [id, missing.join(", ")]));
    log.info({ lacks }, "these bundles are shown as coming: they have modules that cannot be installed yet");
  }
  const texts = readTexts(settings.pages);
  const assets = readAssets(fileURLToPath(new URL("..", import.meta.url)));
  const shop = createShop({ ...parts, stock });
  const site = {
    name: settings.name,
    origin,
    zone,
    contact: settings.contact,
    texts: texts.map(({ path, title }) => ({ path, title })),
    style: assets.style.path,
    script: assets.script.path,
  };
  return { shop, site, texts, assets: Object.values(assets) };
}
