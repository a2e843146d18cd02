import type { NextOfSubscription, PriceOnSale, SubscriptionView } from "#shared/api/billing.ts";
import type { Tone } from "#ui/components/status.tsx";

/** As Stripe has them: https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses */
const statusWords: Readonly<Record<string, readonly [tone: Tone, word: string]>> = {
  trialing: ["busy", "On trial"],
  active: ["good", "Active"],
  past_due: ["bad", "Past due"],
  unpaid: ["bad", "Unpaid"],
  incomplete: ["warn", "First payment open"],
  incomplete_expired: ["off", "Never paid"],
  canceled: ["off", "Ended"],
  paused: ["off", "Paused"],
};

/** Pure: how it stands with a subscription. */
export function standingOf({ status, endsAt }: Pick<SubscriptionView, "status" | "endsAt">): {
  readonly tone: Tone;
  readonly word: string;
} {
  const [tone, word] = statusWords[status] ?? ["plain", status];
  return tone === "good" && endsAt !== undefined ? { tone: "warn", word: "Cancelled" } : { tone, word };
}

/** What happens, before the day on which it does. */
export const nextWords: Readonly<Record<NextOfSubscription["what"], string>> = {
  invoice: "Next invoice on",
  "trial-ends": "First payment on",
  ends: "Ends on",
  suspended: "Suspended on",
  removed: "Removed on",
};

/** What costs its owner the beacon, unless somebody pays. */
export const isThreat = ({ what }: NextOfSubscription): boolean => what === "suspended" || what === "removed";

export const formatDay = (at: number): string => new Date(at).toLocaleDateString(undefined, { dateStyle: "medium" });

/** Pure: what is subscribed to in words, the bundle first; what is not sold any more by its key. */
export const boughtWords = (keys: readonly string[], prices: readonly PriceOnSale[]): string[] =>
  [...keys].sort(byKind).map((key) => prices.find((price) => price.key === key)?.title ?? key);

const kinds = ["bundle_", "addon_", "storage_"];
const kindOf = (key: string) => kinds.findIndex((kind) => key.startsWith(kind));
const byKind = (a: string, b: string) => kindOf(a) - kindOf(b) || (a < b ? -1 : 1);

/** Pure: what can be picked, each kind by itself and the cheapest first. */
export function offersOf(prices: readonly PriceOnSale[]) {
  const of = (kind: string) =>
    prices.filter(({ key }) => key.startsWith(kind)).sort((a, b) => a.priceCents - b.priceCents);
  return {
    bundles: of("bundle_").sort((a, b) => (a.title < b.title ? -1 : 1)),
    addOns: of("addon_").sort((a, b) => (a.title < b.title ? -1 : 1)),
    storage: of("storage_"),
  };
}

/** Pure: what those cost a month together. What is not sold any more is not known here. */
export const sumOf = (keys: readonly string[], prices: readonly PriceOnSale[]): number =>
  prices.filter(({ key }) => keys.includes(key)).reduce((sum, { priceCents }) => sum + priceCents, 0);

/** The most that the hub takes at once, in the smallest unit. */
export const MAX_CREDIT = 1_000_000;

export const subscriptionFilters = ["all", "active", "trial", "late", "ending", "ended"] as const;
export type SubscriptionFilter = (typeof subscriptionFilters)[number];

const isOf: Readonly<Record<SubscriptionFilter, (one: SubscriptionView) => boolean>> = {
  all: () => true,
  active: ({ status, endsAt }) => status === "active" && endsAt === undefined,
  trial: ({ status }) => status === "trialing",
  late: ({ status }) => status === "past_due" || status === "unpaid",
  ending: ({ status, endsAt }) => status === "active" && endsAt !== undefined,
  ended: ({ status }) => status === "canceled" || status === "incomplete_expired",
};

export interface SubscriptionsFilter {
  readonly filter: SubscriptionFilter;
  readonly search: string;
}

/** Pure: from the query of an address; what is not known there is left out. */
export function parseFilter(query: string): SubscriptionsFilter {
  const given = new URLSearchParams(query);
  const filter = subscriptionFilters.find((one) => one === given.get("show")) ?? "all";
  return { filter, search: given.get("search") ?? "" };
}

export const formatFilter = ({ filter, search }: SubscriptionsFilter): string =>
  new URLSearchParams({
    ...(filter === "all" ? {} : { show: filter }),
    ...(search === "" ? {} : { search }),
  }).toString();

/** Pure: those that the reader wants to see; first whose beacons are lost if nobody does anything. */
export function listSubscriptions(all: readonly SubscriptionView[], { filter, search }: SubscriptionsFilter) {
  const wanted = search.trim().toLowerCase();
  return all
    .filter(isOf[filter])
    .filter(({ id, purchase, beaconName, email, prices }) =>
      [id, purchase, beaconName, email, ...prices].some((one) => one.toLowerCase().includes(wanted)),
    )
    .sort((a, b) => urgencyOf(a) - urgencyOf(b) || (a.beaconName < b.beaconName ? -1 : 1));
}

const urgencyOf = (one: SubscriptionView): number =>
  isOf.late(one) ? 0 : isOf.ended(one) ? (one.next === undefined ? 3 : 1) : 2;

export const countSubscriptions = (all: readonly SubscriptionView[], filter: SubscriptionFilter): number =>
  all.filter(isOf[filter]).length;
