import { Invoice, type Subscription } from "./objects.ts";
import type { World } from "./world.ts";

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
/** When a payment that failed is tried again; then no more. https://docs.stripe.com/billing/revenue-recovery/smart-retries */
const RETRY_AFTER_DAYS = [3, 5, 7];

export interface NewLine {
  readonly amount: number;
  readonly description: string;
}

export const subscriptionOf = (world: World, { parent }: Invoice): Subscription | undefined =>
  world.subscriptions.find(parent?.subscription_details?.subscription ?? "");

/** A draft of an invoice, which takes up what waits for one. */
export function makeInvoice(
  world: World,
  { id: subscription, customer, metadata, items }: Subscription,
  { reason, lines }: { readonly reason: string; readonly lines: readonly NewLine[] },
): Invoice {
  const at = world.now(customer);
  const waiting = world.prorations.get(subscription) ?? [];
  world.prorations.delete(subscription);
  const all = [...lines, ...waiting];
  const total = all.reduce((sum, { amount }) => sum + amount, 0);
  const invoice = world.invoices.make({
    created: at,
    customer,
    status: "draft",
    billing_reason: reason,
    currency: items.data[0]?.price.currency ?? "usd",
    collection_method: "charge_automatically",
    period_start: items.data[0]?.current_period_start ?? at,
    period_end: items.data[0]?.current_period_end ?? at,
    subtotal: total,
    total,
    amount_due: Math.max(0, total),
    amount_paid: 0,
    amount_remaining: Math.max(0, total),
    starting_balance: 0,
    attempt_count: 0,
    attempted: false,
    auto_advance: true,
    automatically_finalizes_at: at + HOUR_S,
    parent: {
      type: "subscription_details",
      quote_details: null,
      subscription_details: { metadata, subscription },
    },
  });
  invoice.lines = {
    ...world.seed({ described: "Invoices.Invoice", fixture: "invoice", own: Invoice }),
    object: "list",
    has_more: false,
    url: `/v1/invoices/${invoice.id}/lines`,
    data: all.map((line) => world.lines.make({ ...line, subtotal: line.amount, invoice: invoice.id, subscription })),
  };
  world.subscriptions.get(subscription).latest_invoice = invoice.id;
  world.emit("invoice.created", invoice);
  return invoice;
}

/** Closes a draft: what the customer has to their credit is taken off. https://docs.stripe.com/billing/customer/balance */
export function finalizeInvoice(world: World, invoice: Invoice): void {
  const customer = world.customers.get(invoice.customer);
  const at = world.now(invoice.customer);
  invoice.starting_balance = customer.balance;
  const due = Math.max(0, invoice.total + customer.balance);
  customer.balance = Math.min(0, invoice.total + customer.balance);
  invoice.ending_balance = customer.balance;
  invoice.status = "open";
  invoice.amount_due = due;
  invoice.amount_remaining = due;
  invoice.automatically_finalizes_at = null;
  invoice.number = invoice.id.slice(-8).toUpperCase();
  invoice.status_transitions.finalized_at = at;
  invoice.hosted_invoice_url = `${world.origin()}/i/${invoice.id}`;
  invoice.invoice_pdf = `${world.origin()}/invoice/${invoice.id}/pdf`;
  world.emit("invoice.finalized", invoice);
}

/** Tries to collect an invoice once. @param by The card that it is paid by, if not as usual. @returns whether it is paid */
export function payInvoice(world: World, invoice: Invoice, by?: string): boolean {
  const subscription = subscriptionOf(world, invoice);
  const customer = world.customers.get(invoice.customer);
  const card = by ?? subscription?.default_payment_method ?? customer.invoice_settings.default_payment_method;
  const isRefused = card === null || world.refusedCards.has(card);
  invoice.attempted = true;
  if (invoice.amount_due > 0) {
    invoice.attempt_count += 1;
    if (isRefused) return failed(world, invoice, subscription);
    charge(world, invoice, card);
  }
  const at = world.now(invoice.customer);
  invoice.status = "paid";
  invoice.amount_paid = invoice.amount_due;
  invoice.amount_remaining = 0;
  invoice.next_payment_attempt = null;
  invoice.status_transitions.paid_at = at;
  world.emit("invoice.paid", invoice);
  world.emit("invoice.payment_succeeded", invoice);
  if (subscription !== undefined && ["incomplete", "past_due", "unpaid"].includes(subscription.status)) {
    if (!openInvoices(world, subscription.id).some(({ id }) => id !== invoice.id)) {
      subscription.status = "active";
      world.emit("customer.subscription.updated", subscription);
    }
  }
  return true;
}

function charge(world: World, invoice: Invoice, card: string): void {
  const { id, customer, amount_due: amount } = invoice;
  const currency = invoice.currency;
  const intent = world.paymentIntents.make({
    amount,
    amount_received: amount,
    currency,
    customer,
    payment_method: card,
    status: "succeeded",
  });
  world.emit("payment_intent.succeeded", intent);
  world.invoicePayments.make({
    invoice: id,
    currency,
    status: "paid",
    amount_paid: amount,
    amount_requested: amount,
    is_default: true,
    payment: { type: "payment_intent", payment_intent: intent.id },
  });
}

function failed(world: World, invoice: Invoice, subscription: Subscription | undefined): false {
  const days = RETRY_AFTER_DAYS[invoice.attempt_count - 1];
  const isLast = days === undefined || invoice.billing_reason === "subscription_create";
  invoice.next_payment_attempt = isLast ? null : world.now(invoice.customer) + days * DAY_S;
  world.emit("invoice.payment_failed", invoice);
  if (subscription?.status === "active") {
    subscription.status = "past_due";
    world.emit("customer.subscription.updated", subscription);
  }
  return false;
}

export function voidInvoice(world: World, invoice: Invoice): void {
  invoice.status = "void";
  invoice.status_transitions.voided_at = world.now(invoice.customer);
  world.emit("invoice.voided", invoice);
}

export const openInvoices = (world: World, subscription: string): Invoice[] =>
  world.invoices
    .all()
    .filter(({ parent, status }) => parent?.subscription_details?.subscription === subscription && status === "open");
