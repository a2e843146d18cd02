import type { CurrencyRevenue, MeteredUsage, RevenueView, SubscriptionSum } from "#shared/api/revenue.ts";
import type { BillingNotice } from "../store/billing-notices.ts";
import type { StoredSubscription } from "../store/subscriptions.ts";

/** What is looked at of a subscription. */
export type RevenueFacts = Pick<
  StoredSubscription,
  | "status"
  | "prices"
  | "endsAt"
  | "endedAt"
  | "startedAt"
  | "monthlyCents"
  | "currency"
  | "openInvoices"
  | "openCents"
  | "isTakenBack"
>;

/** Something that Stripe was, or is to be told. */
export type NoticeFacts = Pick<BillingNotice, "purchase" | "body" | "at"> & { readonly isSent: boolean };

type Priced = RevenueFacts & { readonly monthlyCents: number; readonly currency: string };

export interface RevenueParts {
  /** Names of bundles, by id. */
  readonly bundleTitles: ReadonlyMap<string, string>;
  /** Those before this month are not looked at. */
  readonly notices: readonly NoticeFacts[];
  readonly now: number;
}

/** When the month began (UTC). Pure. */
export function monthOf(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

/**
 * What subscriptions bring, by currency. A month is one of UTC. What was given back is nobody's revenue; what a hub has not seen the price
 * of yet is left out until Stripe was asked again, which is within a day. Coupons that were given at Stripe are not taken off. Pure.
 */
export function revenueOf(
  subscriptions: readonly RevenueFacts[],
  { bundleTitles, notices, now }: RevenueParts,
): RevenueView {
  const monthFrom = monthOf(now);
  const counted = subscriptions.filter(isPriced).filter(({ isTakenBack }) => !isTakenBack);
  const byCurrency = Map.groupBy(counted, ({ currency }) => currency);
  const currencies = [...byCurrency]
    .map(([currency, some]) => currencyRevenueOf(currency, some, { bundleTitles, monthFrom }))
    .sort((a, b) => b.active.monthlyCents - a.active.monthlyCents || (a.currency < b.currency ? -1 : 1));
  return { at: now, monthFrom, currencies, usage: usageOf(notices.filter(({ at }) => at >= monthFrom)) };
}

function usageOf(notices: readonly NoticeFacts[]): MeteredUsage[] {
  const used = notices.flatMap(({ body, ...notice }) => (body.kind === "usage" ? [{ ...notice, ...body }] : []));
  const sum = (some: typeof used) => some.reduce((total, { value }) => total + value, 0);
  return [...Map.groupBy(used, ({ meter }) => meter)]
    .map(([meter, some]) => ({
      meter,
      value: sum(some),
      purchases: new Set(some.map(({ purchase }) => purchase)).size,
      untold: sum(some.filter(({ isSent }) => !isSent)),
    }))
    .sort((a, b) => (a.meter < b.meter ? -1 : 1));
}

const isPriced = (one: RevenueFacts): one is Priced => one.monthlyCents !== undefined && one.currency !== undefined;

function currencyRevenueOf(
  currency: string,
  some: readonly Priced[],
  { bundleTitles, monthFrom }: Pick<RevenueParts, "bundleTitles"> & { readonly monthFrom: number },
): CurrencyRevenue {
  const inStatus = (...statuses: readonly string[]) => some.filter(({ status }) => statuses.includes(status));
  const active = inStatus("active");
  // Who never paid the first invoice has never been a customer.
  const customers = some.filter(({ status }) => status !== "incomplete" && status !== "incomplete_expired");
  const owing = some.filter(({ openInvoices }) => openInvoices > 0);
  return {
    currency,
    active: sumOf(active),
    ending: sumOf(active.filter(({ endsAt }) => endsAt !== undefined)),
    trialing: sumOf(inStatus("trialing")),
    pastDue: sumOf(inStatus("past_due", "unpaid")),
    newThisMonth: sumOf(customers.filter(({ startedAt = 0 }) => startedAt >= monthFrom)),
    lostThisMonth: sumOf(customers.filter(({ endedAt = 0 }) => endedAt >= monthFrom)),
    openInvoices: {
      invoices: owing.reduce((sum, { openInvoices }) => sum + openInvoices, 0),
      cents: owing.reduce((sum, { openCents }) => sum + openCents, 0),
    },
    bundles: [...Map.groupBy(active, bundleOf)]
      .map(([bundle, its]) => ({ bundle, title: bundleTitles.get(bundle) ?? bundle, ...sumOf(its) }))
      .sort((a, b) => b.monthlyCents - a.monthlyCents || (a.bundle < b.bundle ? -1 : 1)),
  };
}

const sumOf = (some: readonly Priced[]): SubscriptionSum => ({
  subscriptions: some.length,
  monthlyCents: some.reduce((sum, { monthlyCents }) => sum + monthlyCents, 0),
});

/** Of a key such as `bundle_family_t2`: see `priceKeys`. */
const bundleOf = ({ prices }: RevenueFacts): string =>
  prices.map((key) => /^bundle_(.+)_t\d$/.exec(key)?.[1]).find((id) => id !== undefined) ?? "other";
