import { readFileSync } from "node:fs";
import type { ShopCatalog } from "#shared/catalog/catalog.ts";
import { defaultCatalog } from "#shared/catalog/default-catalog.ts";
import { moduleDirectory } from "#shared/catalog/module-directory.ts";
import { pricesOf } from "#shared/catalog/offer.ts";
import { Problem } from "#shared/problem.ts";
import type { HubConfig } from "../config.ts";
import type { Catalog } from "../fleet/catalog.ts";
import type { BringTo } from "../lifecycle/bring-to.ts";
import type { MailQueue } from "../mail/mail-queue.ts";
import { orderPath } from "../shop/checkout.ts";
import { openStock } from "../shop/stock.ts";
import type { Database } from "../store/database.ts";
import { createPurchaseStore } from "../store/purchases.ts";
import type { Billing, BillingParts } from "./billing.ts";
import type { PriceChange } from "./change-subscription.ts";
import { createCustomerMail } from "./customer-mail.ts";
import { entitledTo } from "./entitled-to.ts";

export interface OpenBillingParts
  extends Pick<BillingParts, "precedence" | "now" | "onError" | "onPaid" | "onLapsed" | "beacons"> {
  readonly db: Database;
  readonly mail: Pick<MailQueue, "send">;
  /** Brings beacons to what is paid for. */
  readonly bringTo: BringTo;
  /** What can be installed, which says what the shop sells. */
  readonly modules: Catalog;
  readonly longestPauseMs?: number | undefined;
}

const LONGEST_PAUSE_MS = 60_000;

/**
 * Opens billing as it is configured; `undefined` for `none`. Stripe's library is loaded only where something is sold.
 * @throws {Problem} `invalid_input` for a file of secrets that cannot be read or is empty
 */
export async function openBilling(config: HubConfig, parts: OpenBillingParts): Promise<Billing | undefined> {
  const { billing, publicUrl: origin, zone } = config;
  if (billing === "none") return undefined;
  const { db, mail, modules, bringTo, longestPauseMs = LONGEST_PAUSE_MS, ...rest } = parts;
  const { catalog, titles } = onSale(config, modules);
  const { createBilling } = await import("./billing.ts");
  const policy = { terminateAfterDays: billing.terminateAfterDays };
  const [secretKey = ""] = secretsIn(billing.stripe.secretKeyFile);
  return createBilling({
    ...rest,
    ...createCustomerMail({ mails: mail, purchases: createPurchaseStore(db), origin, zone, policy, now: rest.now }),
    db,
    stripe: {
      secretKey,
      webhookSecrets: secretsIn(billing.stripe.webhookSecretsFile),
      endpoint: billing.stripe.endpoint,
    },
    prices: pricesOf(catalog, titles),
    bundleTitles: new Map(catalog.bundles.map(({ id, name }) => [id, name])),
    currency: catalog.currency,
    trialDays: billing.trialDays,
    policy,
    origin,
    returnUrl: (purchase) => origin + orderPath(purchase),
    payOrigin: paymentOrigins(config)[0] ?? origin,
    mayChange: (change) => bringTo.check(entitlementOf(catalog, change)),
    bring: (change) => bringTo.bring(entitlementOf(catalog, change)),
    longestPauseMs,
  });
}

/** What is for sale: in the shop, or by hand where there is none. */
function onSale({ shop }: HubConfig, modules: Catalog) {
  if (shop === undefined) {
    return { catalog: defaultCatalog, titles: new Map(moduleDirectory.map((module) => [module.id, module])) };
  }
  const stock = openStock(shop, new Map([...modules].map(([id, { manifest }]) => [id, manifest])));
  return { catalog: stock.catalog, titles: stock.modules };
}

/** Origins of the pages at Stripe to which forms of ours may lead; a browser asks for them when a form's answer sends it on. */
export const paymentOrigins = ({ billing }: HubConfig): string[] =>
  billing === "none"
    ? []
    : billing.stripe.endpoint === undefined
      ? ["https://checkout.stripe.com", "https://billing.stripe.com"]
      : [new URL(billing.stripe.endpoint).origin];

const entitlementOf = (catalog: ShopCatalog, { purchase, from, to }: PriceChange) => ({
  purchase,
  from: entitledTo(catalog, from),
  to: entitledTo(catalog, to),
});

function secretsIn(file: string): string[] {
  try {
    const lines = readFileSync(file, "utf8").split("\n");
    const secrets = lines.map((line) => line.trim()).filter((line) => line !== "");
    if (secrets.length > 0) return secrets;
  } catch (cause) {
    throw new Problem("invalid_input", `the file of secrets ${file} cannot be read`, { cause });
  }
  throw new Problem("invalid_input", `there is no secret in the file ${file}`);
}
