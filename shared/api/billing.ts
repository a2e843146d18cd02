import { z } from "zod";
import { Id, Timestamp } from "../names.ts";

/** Lookup key of something that is for sale, for example `bundle_starter_t1`. */
export const PriceKey = z.string().regex(/^(bundle|addon|storage)_[a-z0-9_-]{1,120}$/);

/** A page of the payment provider, for one visit. */
export const BillingPage = z.object({ url: z.string() });

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
});
export type SubscriptionView = z.output<typeof SubscriptionView>;

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
