import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HubConfig } from "#hub/config.ts";
import type { ShopSettings } from "#hub/shop/stock.ts";
import type { HubTools } from "#hub/start-hub.ts";
import { createPaymentStore, type Payment } from "#hub/store/payments.ts";
import { createSubscriptionStore, type StoredSubscription } from "#hub/store/subscriptions.ts";
import { BillingPage } from "#shared/api/billing.ts";
import { JobView } from "#shared/api/hub.ts";
import { defaultCatalog } from "#shared/catalog/default-catalog.ts";
import { moduleDirectory } from "#shared/catalog/module-directory.ts";
import { type CatalogPrice, pricesOf } from "#shared/catalog/offer.ts";
import { startTestHub, type TestHub } from "#test/hub/test-hub.ts";
import type { Contract } from "#test/simulators/contract.ts";
import { CARDS } from "#test/simulators/stripe/cards.ts";
import { type NO_DESCRIPTION, SECRET_KEY, type StripeSimulator, startStripe } from "#test/simulators/stripe/stripe.ts";

export const catalogPrices = pricesOf(defaultCatalog, new Map(moduleDirectory.map((module) => [module.id, module])));
export const DAY_MS = 24 * 3_600_000;
export const WEBHOOK_SECRET = "whsec_of_the_tests";

/** A hub that sells, a simulated Stripe account that tells it what happens, and their clocks. */
export interface TestShop {
  readonly hub: TestHub;
  readonly stripe: StripeSimulator;
  /** File with the secrets of the webhook's endpoint. */
  readonly secretsFile: string;
  /** An order with a price. @returns ids of its job and its purchase */
  order(
    name: string,
    prices?: readonly string[],
    email?: string,
  ): Promise<{ readonly job: string; readonly purchase: string }>;
  /** The page at Stripe where it is paid for. */
  checkout(purchase: string): Promise<string>;
  /** Presses the button on that page. */
  submit(url: string, card?: keyof typeof CARDS): Promise<Response>;
  /** Ordered and paid for, in our books, too. */
  buy(
    name: string,
    options?: { readonly prices?: readonly string[]; readonly card?: keyof typeof CARDS },
  ): Promise<Bought>;
  /** Its order is over, and its beacon in the books, whatever is on it. @returns its id */
  delivered(purchase: string): Promise<string>;
  job(id: string): Promise<JobView>;
  payment(purchase: string): Promise<Payment>;
  subscription(purchase: string): Promise<StoredSubscription | undefined>;
  /** Moves both clocks, and waits until what Stripe has to tell has arrived. */
  pass(ms: number): Promise<void>;
  stop(): Promise<void>;
}

export interface Bought {
  readonly job: string;
  readonly purchase: string;
  readonly subscription: StoredSubscription;
}

export interface ShopOptions {
  readonly contract?: Contract | typeof NO_DESCRIPTION | undefined;
  readonly trialDays?: number;
  readonly isSynced?: boolean;
  /** Settings of a site. */
  readonly shop?: ShopSettings;
  /** What else is different about the hub, and where its vendors are. */
  readonly settings?: Partial<HubConfig>;
  readonly vendorEndpoints?: HubTools["vendorEndpoints"];
  readonly openResolver?: HubTools["openResolver"];
}

/** Has an account sell what the catalog says, as `billing sync` leaves it. */
export function stock({ world }: StripeSimulator, prices: readonly CatalogPrice[] = catalogPrices): void {
  for (const { key, title, priceCents } of prices) {
    world.products.make({ id: key, name: title, active: true, metadata: { wopr: "catalog" } });
    world.prices.make({
      product: key,
      lookup_key: key,
      active: true,
      currency: "usd",
      type: "recurring",
      unit_amount: priceCents,
      unit_amount_decimal: String(priceCents),
      recurring: { interval: "month", interval_count: 1, meter: null, trial_period_days: null, usage_type: "licensed" },
    });
  }
}

export async function startShop(options: ShopOptions = {}): Promise<TestShop> {
  const { contract, trialDays, isSynced = true, shop, settings = {}, vendorEndpoints, openResolver } = options;
  const folder = mkdtempSync(join(tmpdir(), "wopr-shop-"));
  const stripe = await startStripe(contract);
  const secretsFile = join(folder, "webhook-secrets");
  writeFileSync(join(folder, "secret-key"), `${SECRET_KEY}\n`);
  writeFileSync(secretsFile, `${WEBHOOK_SECRET}\n`);
  const billing = {
    stripe: { secretKeyFile: join(folder, "secret-key"), webhookSecretsFile: secretsFile, endpoint: stripe.url },
    terminateAfterDays: 30,
    ...(trialDays === undefined ? {} : { trialDays }),
  };
  const sold = { ...settings, billing, ...(shop === undefined ? {} : { shop }) };
  const hub = await startTestHub(sold, undefined, { vendorEndpoints, openResolver });
  stripe.webhooks.aim(`${hub.url}/api/webhooks/stripe`, [WEBHOOK_SECRET]);
  const operator = await hub.operator();
  if (isSynced) stock(stripe);
  const payments = createPaymentStore(hub.db);
  const subscriptions = createSubscriptionStore(hub.db);

  const order: TestShop["order"] = async (name, prices = ["bundle_starter_t1"], email = `${name}@example.org`) => {
    const { body } = await operator.post("/api/orders", { email, beacon: name, modules: ["page"], prices });
    const { id, purchase = "" } = JobView.parse(body);
    return { job: id, purchase };
  };
  const checkout: TestShop["checkout"] = async (purchase) =>
    BillingPage.parse((await hub.client().post(`/api/purchases/${purchase}/checkout`)).body).url;
  const submit: TestShop["submit"] = (url, card = "good") =>
    fetch(url, { method: "POST", redirect: "manual", body: new URLSearchParams({ card: CARDS[card] }) });

  const until = async <Value>(what: () => Promise<Value | undefined>): Promise<Value> => {
    for (;;) {
      const value = await what();
      if (value !== undefined) return value;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  return {
    hub,
    stripe,
    secretsFile,
    order,
    checkout,
    submit,
    buy: async (name, { prices, card } = {}) => {
      const ordered = await order(name, prices);
      await submit(await checkout(ordered.purchase), card);
      const subscription = await until(() => subscriptions.ofPurchase(ordered.purchase));
      return { ...ordered, subscription };
    },
    delivered: async (purchase) => {
      const jobs = () => hub.db.selectFrom("job").select("beacon").where("purchase", "=", purchase);
      const beacon = await until(async () => (await jobs().executeTakeFirst())?.beacon ?? undefined);
      await until(() => hub.beacons.get(beacon));
      const over = { state: "COMPLETED", waiting_for: null, problem_json: null, finished_at: hub.now() };
      await hub.db.updateTable("job").set(over).where("purchase", "=", purchase).execute();
      return beacon;
    },
    job: async (id) => JobView.parse((await operator.get(`/api/jobs/${id}`)).body),
    payment: (purchase) => until(() => payments.get(purchase)),
    subscription: subscriptions.ofPurchase,
    pass: async (ms) => {
      hub.advance(ms);
      stripe.advance(ms);
      await stripe.webhooks.settled();
    },
    stop: async () => {
      await hub.stop();
      await stripe.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
