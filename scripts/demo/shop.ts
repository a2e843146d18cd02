import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HubConfig } from "#hub/config.ts";
import { ShopSettings } from "#hub/shop/stock.ts";
import { NO_DESCRIPTION, type StripeSimulator, startStripe } from "#test/simulators/stripe/stripe.ts";
import type { Place } from "./place.ts";

const WEBHOOK_SECRET = "whsec_of_the_demo";

/** What the demo sells: all that can be installed as yet. The rest of the catalog is shown as still to come. */
export const demoShop = ShopSettings.parse({
  name: "WOPR demo",
  contact: "operator@wopr.localhost",
  bundles: [
    {
      id: "essentials",
      kind: "micro",
      name: "Essentials",
      tagline: "Passwords, chat and visitors, all yours",
      about:
        "Vaultwarden keeps your passwords, Element is your window to chat, and Umami counts visitors without watching them.",
      appCount: 3,
      modules: ["umami", "vaultwarden", "element"],
      smallestServer: "t1",
      prices: { t1: 1499, t2: 2499, t3: 4499 },
    },
    {
      id: "vault",
      kind: "micro",
      name: "Vault",
      tagline: "Your passwords on your own server",
      about: "Vaultwarden keeps the passwords of you and yours, with the apps of Bitwarden.",
      appCount: 1,
      modules: ["vaultwarden"],
      smallestServer: "t1",
      prices: { t1: 899, t2: 1699, t3: 3299 },
    },
  ],
});

export interface DemoBusiness {
  readonly stripe: StripeSimulator;
  /** For the hub's configuration. */
  readonly business: Pick<HubConfig, "shop" | "billing">;
}

/** Starts a simulated Stripe account that tells the hub of this place what happens, and writes down its secrets. */
export async function startDemoBusiness({ folder, hubPort, stripePort }: Place): Promise<DemoBusiness> {
  const stripe = await startStripe(NO_DESCRIPTION, stripePort);
  const secretKeyFile = join(folder, "stripe-key");
  const webhookSecretsFile = join(folder, "stripe-webhook-secrets");
  writeFileSync(secretKeyFile, stripe.secretKey, { mode: 0o600 });
  writeFileSync(webhookSecretsFile, WEBHOOK_SECRET, { mode: 0o600 });
  stripe.webhooks.aim(`http://localhost:${hubPort}/api/webhooks/stripe`, [WEBHOOK_SECRET]);
  const stripeSettings = { secretKeyFile, webhookSecretsFile, endpoint: stripe.url };
  return { stripe, business: { shop: demoShop, billing: { stripe: stripeSettings, terminateAfterDays: 30 } } };
}
