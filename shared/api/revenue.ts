import { z } from "zod";
import { Timestamp } from "../names.ts";

/** Some subscriptions, and what they bring a month in the smallest unit of the currency. */
export const SubscriptionSum = z.object({ subscriptions: z.number().int(), monthlyCents: z.number().int() });
export type SubscriptionSum = z.output<typeof SubscriptionSum>;

/** What the subscriptions in one currency bring. */
export const CurrencyRevenue = z.object({
  /** ISO 4217, in lower case as Stripe has it. */
  currency: z.string(),
  /** Paid for: the monthly recurring revenue. */
  active: SubscriptionSum,
  /** Among those, what ends with its period because its customer wants it to. */
  ending: SubscriptionSum,
  /** Not counted in `active`: not paid for yet. */
  trialing: SubscriptionSum,
  /** Not counted in `active`: a payment failed. */
  pastDue: SubscriptionSum,
  /** Begun since the first of the month (UTC), trials too, whether they are still there or not. */
  newThisMonth: SubscriptionSum,
  /** Ended since the first of the month. What was given back counts neither as new nor as lost. */
  lostThisMonth: SubscriptionSum,
  /** What is owed on invoices of subscriptions that are behind with a payment. */
  openInvoices: z.object({ invoices: z.number().int(), cents: z.number().int() }),
  /** Of `active`, by the bundle, add-ons with it; what brings most comes first. */
  bundles: z.array(SubscriptionSum.extend({ bundle: z.string(), title: z.string() })),
});
export type CurrencyRevenue = z.output<typeof CurrencyRevenue>;

/** What was used of something that is billed by use. */
export const MeteredUsage = z.object({
  /** Name of its meter at Stripe. */
  meter: z.string(),
  /** In the meter's own unit. */
  value: z.number(),
  /** How many purchases used some. */
  purchases: z.number().int(),
  /** Of `value`, what Stripe has not been told yet. */
  untold: z.number(),
});
export type MeteredUsage = z.output<typeof MeteredUsage>;

/** Revenue at a glance, at `GET /api/revenue`. */
export const RevenueView = z.object({
  /** When it was so. */
  at: Timestamp,
  /** Beginning of the month that is meant. */
  monthFrom: Timestamp,
  /** One for each currency that something is subscribed to in; amounts of different currencies are never added. */
  currencies: z.array(CurrencyRevenue),
  /** What was used since then, by the name of its meter. It is billed on top. */
  usage: z.array(MeteredUsage),
});
export type RevenueView = z.output<typeof RevenueView>;
