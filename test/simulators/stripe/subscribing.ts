import { finalizeInvoice, makeInvoice, type NewLine, openInvoices, payInvoice } from "./invoicing.ts";
import { monthLater } from "./months.ts";
import type { Price, Subscription, SubscriptionItem } from "./objects.ts";
import type { World } from "./world.ts";

export const DAY_S = 24 * 3600;

export interface NewSubscription {
  readonly customer: string;
  readonly items: readonly { readonly price: Price; readonly quantity: number }[];
  readonly card: string | null;
  readonly metadata: Record<string, string>;
  readonly trialDays?: number | undefined;
}

/** Begins a subscription and collects its first invoice. `incomplete` when that is not paid. */
export function subscribe(world: World, { customer, items, card, metadata, trialDays }: NewSubscription): Subscription {
  const at = world.now(customer);
  const trialEnd = trialDays === undefined ? null : at + trialDays * DAY_S;
  const subscription = world.subscriptions.make({
    created: at,
    start_date: at,
    billing_cycle_anchor: trialEnd ?? at,
    customer,
    currency: items[0]?.price.currency ?? "usd",
    default_payment_method: card,
    metadata,
    status: trialEnd === null ? "incomplete" : "trialing",
    trial_start: trialEnd === null ? null : at,
    trial_end: trialEnd,
    cancel_at_period_end: false,
    test_clock: world.customers.get(customer).test_clock,
  });
  subscription.items = {
    object: "list",
    has_more: false,
    url: `/v1/subscription_items?subscription=${subscription.id}`,
    data: items.map(({ price, quantity }) =>
      makeItem(world, subscription, { price, quantity, from: at, to: trialEnd ?? monthLater(at) }),
    ),
  };
  world.emit("customer.subscription.created", subscription);
  const lines = trialEnd === null ? linesOf(world, subscription) : [{ amount: 0, description: "Trial period" }];
  const invoice = makeInvoice(world, subscription, { reason: "subscription_create", lines });
  finalizeInvoice(world, invoice);
  payInvoice(world, invoice);
  return subscription;
}

export function makeItem(
  world: World,
  { id: subscription }: Subscription,
  item: { readonly price: Price; readonly quantity: number; readonly from: number; readonly to: number },
): SubscriptionItem {
  const { price, quantity, from, to } = item;
  const isMetered = price.recurring?.usage_type === "metered";
  return world.items.make({
    price,
    subscription,
    current_period_start: from,
    current_period_end: to,
    ...(isMetered ? {} : { quantity }),
  });
}

/** What the period costs that has begun, and what was used in the one before. */
export function linesOf(world: World, { customer, items }: Subscription, since = 0): NewLine[] {
  return items.data.map(({ price, quantity = 1 }) => {
    const meter = world.meters.find(price.recurring?.meter ?? "");
    const description = world.products.find(price.product)?.name ?? price.product;
    if (meter === undefined) return { amount: (price.unit_amount ?? 0) * quantity, description };
    const events = world.usage.get(`${meter.event_name} ${customer}`) ?? [];
    const used = events.filter(({ at }) => at >= since).reduce((sum, { value }) => sum + value, 0);
    return { amount: Math.round(used * Number(price.unit_amount_decimal ?? price.unit_amount ?? 0)), description };
  });
}

/** Ends a subscription at once. What is open stays so, and is not tried again. */
export function endSubscription(world: World, subscription: Subscription): void {
  const at = world.now(subscription.customer);
  subscription.status = "canceled";
  subscription.canceled_at ??= at;
  subscription.ended_at = at;
  for (const invoice of openInvoices(world, subscription.id)) {
    invoice.auto_advance = false;
    invoice.next_payment_attempt = null;
  }
  world.emit("customer.subscription.deleted", subscription);
}
