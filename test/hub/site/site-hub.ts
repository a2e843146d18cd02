import { ShopSettings } from "#hub/shop/stock.ts";
import type { HubTools } from "#hub/start-hub.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";

/** A bundle of what the test hub can install, as an operator would write it. */
export const tiny = {
  id: "tiny",
  kind: "micro",
  name: "Tiny",
  tagline: "One page, and nothing else",
  about: "A page of your own on a server of your own.",
  appCount: 1,
  modules: ["page"],
  smallestServer: "t1",
  prices: { t1: 1000, t2: 2050, t3: "contact" },
} as const;

/** A hub with a shop that sells `tiny`, set up by its operator. */
export async function startShopHub(
  options: { readonly shop?: Partial<ShopSettings>; readonly billing?: HubTools["billing"] } = {},
): Promise<TestHub> {
  const shop = ShopSettings.parse({ bundles: [tiny], contact: "shop@example.org", ...options.shop });
  const hub = await startTestHub({ shop }, {}, { billing: options.billing });
  await hub.operator();
  return hub;
}
