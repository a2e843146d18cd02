import type { CatalogPrice } from "#shared/catalog/offer.ts";
import { type AccountCatalog, planSync, type SyncStep } from "./plan-sync.ts";
import { hasStripeCode, type StripeAccount } from "./stripe.ts";

/** Marks what a hub has made in an account that may sell other things, too. */
const MARK = { wopr: "catalog" } as const;
const PAGE = 100;

export interface Sync {
  /** What there is to do. Changes nothing. */
  plan(): Promise<SyncStep[]>;
  /**
   * Does it. It can be killed at any instant and run again: every step is planned from what the account has, and a key of its own has the
   * one that was under way count once.
   * @returns what was done
   */
  apply(): Promise<SyncStep[]>;
}

export function createSync(stripe: StripeAccount, prices: readonly CatalogPrice[], currency: string): Sync {
  const read = async (): Promise<AccountCatalog> => {
    const [products, active] = await Promise.all([
      stripe.ask((api) => api.products.list({ limit: PAGE }).autoPagingToArray({ limit: MOST })),
      stripe.ask((api) => api.prices.list({ limit: PAGE, active: true }).autoPagingToArray({ limit: MOST })),
    ]);
    const ours = products.filter(({ metadata }) => metadata.wopr === MARK.wopr);
    return {
      products: ours.map(({ id, name, active: isActive }) => ({ id, name, isActive })),
      prices: active.map((price) => ({
        id: price.id,
        product: typeof price.product === "string" ? price.product : price.product.id,
        key: price.lookup_key ?? undefined,
        cents: price.unit_amount ?? undefined,
        currency: price.currency,
        isMonthly: price.recurring?.interval === "month" && price.recurring.interval_count === 1,
      })),
    };
  };
  const plan = async () => planSync(prices, currency, await read());
  return {
    plan,
    apply: async () => {
      const steps = await plan();
      // What is done about one thing stays in its order.
      const things = Object.values(Object.groupBy(steps, ({ key }) => key));
      const work = async () => {
        try {
          for (let thing = things.shift(); thing !== undefined; thing = things.shift()) {
            for (const step of thing) await carryOut(stripe, step);
          }
        } catch (error) {
          things.length = 0;
          throw error;
        }
      };
      // All have come to an end before anybody hears of it: what failed can be done again.
      const ends = await Promise.allSettled(Array.from({ length: CONCURRENCY }, work));
      const broken = ends.find((end) => end.status === "rejected");
      if (broken !== undefined) throw broken.reason;
      return steps;
    },
  };
}

/** More than anybody sells. */
const MOST = 10_000;
/** Stripe takes 25 requests a second in a sandbox, and 100 otherwise: https://docs.stripe.com/rate-limits */
const CONCURRENCY = 8;

async function carryOut(stripe: StripeAccount, step: SyncStep): Promise<void> {
  switch (step.kind) {
    case "product.create":
      try {
        await stripe.ask((api) => api.products.create({ id: step.key, name: step.name, metadata: MARK }));
      } catch (error) {
        if (!hasStripeCode(error, "resource_already_exists")) throw error;
        await stripe.ask((api) => api.products.update(step.key, { name: step.name, active: true, metadata: MARK }));
      }
      return;
    case "product.update":
      await stripe.ask((api) => api.products.update(step.key, { name: step.name, active: true }));
      return;
    case "price.create":
      // Twice the same is one price too many, which the next run retires: the key moves to the newest.
      await stripe.ask((api) =>
        api.prices.create({
          product: step.key,
          currency: step.currency,
          unit_amount: step.cents,
          recurring: { interval: "month" },
          lookup_key: step.key,
          transfer_lookup_key: true,
          metadata: MARK,
        }),
      );
      return;
    case "price.retire":
      await stripe.ask((api) => api.prices.update(step.price, { active: false }));
      return;
    case "product.retire":
      await stripe.ask((api) => api.products.update(step.key, { active: false }));
      return;
  }
}
