import { z } from "zod";
import { Id, Timestamp } from "../names.ts";

/** Lookup key of something that is for sale, for example `bundle_starter_t1`. */
export const PriceKey = z.string().regex(/^(bundle|addon|storage)_[a-z0-9_-]{1,120}$/);

/** A page of the payment provider, for one visit. */
export const BillingPage = z.object({ url: z.string() });

/**
 * How far the payment of a purchase has come. `none`: nothing is to be paid through this hub. `open`: its customer has not paid yet.
 * `paid`: or its trial has begun. `lapsed`: the time to pay was over. `taking-back`, `taken-back`: what was paid goes back, or has gone.
 */
export const PaymentView = z.object({
  state: z.enum(["none", "open", "paid", "lapsed", "taking-back", "taken-back"]),
  /** When it came to be so. */
  since: Timestamp.optional(),
  trialDays: z.number().int().optional(),
  subscription: z.string().optional(),
});
export type PaymentView = z.output<typeof PaymentView>;

/**
 * What becomes of a subscription next, if nobody does anything. `invoice`: the next month is paid. `trial-ends`: the first one is. `ends`: as its
 * customer wanted. `suspended`, `removed`: its beacon is, because it is not paid for.
 */
export const NextOfSubscription = z.object({
  what: z.enum(["invoice", "trial-ends", "ends", "suspended", "removed"]),
  at: Timestamp,
});
export type NextOfSubscription = z.output<typeof NextOfSubscription>;

export const SubscriptionView = z.object({
  id: z.string(),
  purchase: Id,
  email: z.string(),
  beaconName: z.string(),
  /** As Stripe names it. */
  status: z.string(),
  prices: z.array(z.string()),
  /** What it brings a month, in the smallest unit of `currency` (ISO 4217), without what is metered. */
  monthlyCents: z.number().int().optional(),
  currency: z.string().optional(),
  periodEndsAt: Timestamp.optional(),
  trialEndsAt: Timestamp.optional(),
  /** When it ends because its customer wants it to. */
  endsAt: Timestamp.optional(),
  pastDueSince: Timestamp.optional(),
  endedAt: Timestamp.optional(),
  next: NextOfSubscription.optional(),
});
export type SubscriptionView = z.output<typeof SubscriptionView>;

/** Something that can be subscribed to. */
export const PriceOnSale = z.object({ key: z.string(), title: z.string(), priceCents: z.number().int() });
export type PriceOnSale = z.output<typeof PriceOnSale>;

export const SubscriptionsView = z.object({
  subscriptions: z.array(SubscriptionView),
  /** What each can be changed to, a month. */
  prices: z.array(PriceOnSale),
  /** Of `prices`; absent where nothing is sold. */
  currency: z.string().optional(),
});
export type SubscriptionsView = z.output<typeof SubscriptionsView>;

export const InvoiceView = z.object({
  id: z.string(),
  number: z.string().optional(),
  status: z.string(),
  totalCents: z.number().int(),
  currency: z.string(),
  at: Timestamp,
  /** Where it can be seen and paid. */
  url: z.string().optional(),
  pdf: z.string().optional(),
});
export type InvoiceView = z.output<typeof InvoiceView>;

/** All that a subscription is to be for from now on. */
export const SubscriptionChange = z.strictObject({ prices: z.array(PriceKey).min(1).max(100) });

export const NewCredit = z.strictObject({
  /** Chosen by whoever gives it: the same again changes nothing. */
  id: z.string().min(1).max(80),
  cents: z.number().int().positive().max(1_000_000),
  reason: z.string().min(1).max(200),
});

export const SyncRequest = z.strictObject({ apply: z.boolean() });
export const SyncReport = z.object({ steps: z.array(z.string()) });
