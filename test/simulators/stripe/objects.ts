import { z } from "zod";

/** What the simulator itself reads and changes of Stripe's objects; the rest of them is carried along as the seeds have it. */
const text = z.string();
const textOrNull = z.string().nullable();
/** Seconds since the epoch. */
const time = z.number();
const timeOrNull = z.number().nullable();
const cents = z.number();
const Metadata = z.record(text, text);
const list = <Item extends z.ZodType>(item: Item) => z.looseObject({ data: z.array(item) });

export const Product = z.looseObject({ id: text, name: text, active: z.boolean(), metadata: Metadata, updated: time });
export const Price = z.looseObject({
  id: text,
  active: z.boolean(),
  currency: text,
  lookup_key: textOrNull,
  metadata: Metadata,
  product: text,
  recurring: z.looseObject({ interval: text, meter: textOrNull, usage_type: text }).nullable(),
  unit_amount: z.number().nullable(),
  unit_amount_decimal: textOrNull,
});
export const Meter = z.looseObject({ id: text, event_name: text, display_name: text, status: text });
export const Customer = z.looseObject({
  id: text,
  email: textOrNull,
  /** Below zero what we owe the customer. */
  balance: cents,
  metadata: Metadata,
  invoice_settings: z.looseObject({ default_payment_method: textOrNull }),
  test_clock: textOrNull.default(null),
});
export const PaymentMethod = z.looseObject({
  id: text,
  customer: textOrNull,
  card: z.looseObject({ brand: text, last4: text, exp_month: z.number(), exp_year: z.number() }).optional(),
});
export const SubscriptionItem = z.looseObject({
  id: text,
  price: Price,
  quantity: z.number().optional(),
  current_period_start: time,
  current_period_end: time,
});
export const Subscription = z.looseObject({
  id: text,
  customer: text,
  status: text,
  created: time,
  cancel_at: timeOrNull,
  cancel_at_period_end: z.boolean(),
  canceled_at: timeOrNull,
  ended_at: timeOrNull,
  default_payment_method: textOrNull,
  items: list(SubscriptionItem),
  latest_invoice: textOrNull,
  metadata: Metadata,
  trial_start: timeOrNull,
  trial_end: timeOrNull,
});
export const Line = z.looseObject({ id: text, amount: cents, description: textOrNull });
export const Invoice = z.looseObject({
  id: text,
  created: time,
  currency: text,
  customer: text,
  status: text,
  billing_reason: textOrNull,
  amount_due: cents,
  amount_paid: cents,
  amount_remaining: cents,
  attempt_count: z.number(),
  attempted: z.boolean(),
  auto_advance: z.boolean().default(true),
  automatically_finalizes_at: timeOrNull,
  next_payment_attempt: timeOrNull,
  starting_balance: cents,
  ending_balance: z.number().nullable(),
  total: cents,
  number: textOrNull,
  lines: list(Line),
  hosted_invoice_url: textOrNull.optional(),
  invoice_pdf: textOrNull.optional(),
  parent: z.looseObject({ subscription_details: z.looseObject({ subscription: text }).nullable() }).nullable(),
  status_transitions: z.looseObject({ finalized_at: timeOrNull, paid_at: timeOrNull, voided_at: timeOrNull }),
});
export const InvoicePayment = z.looseObject({
  id: text,
  invoice: text,
  status: text,
  amount_paid: z.number().nullable(),
  payment: z.looseObject({ payment_intent: text.optional() }),
});
export const PaymentIntent = z.looseObject({ id: text, amount: cents, amount_received: cents, status: text });
export const Refund = z.looseObject({ id: text, amount: cents, payment_intent: textOrNull, status: textOrNull });
export const CreditNote = z.looseObject({ id: text, amount: cents, invoice: text });
export const BalanceTransaction = z.looseObject({ id: text, amount: cents, customer: text });
export const CheckoutSession = z.looseObject({
  id: text,
  customer: textOrNull,
  customer_email: textOrNull,
  client_reference_id: textOrNull,
  expires_at: time,
  invoice: textOrNull,
  metadata: Metadata,
  payment_status: text,
  status: text,
  subscription: textOrNull,
  success_url: text,
  cancel_url: textOrNull,
  url: textOrNull,
});
export const PortalSession = z.looseObject({ id: text, customer: text, url: text, return_url: textOrNull });
export const TestClock = z.looseObject({ id: text, frozen_time: time, status: text });
export const StripeEvent = z.looseObject({ id: text, type: text, created: time });

export type Price = z.output<typeof Price>;
export type Customer = z.output<typeof Customer>;
export type Subscription = z.output<typeof Subscription>;
export type SubscriptionItem = z.output<typeof SubscriptionItem>;
export type Invoice = z.output<typeof Invoice>;
export type CheckoutSession = z.output<typeof CheckoutSession>;
export type TestClock = z.output<typeof TestClock>;
export type StripeEvent = z.output<typeof StripeEvent>;
