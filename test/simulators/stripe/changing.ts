import { declined, invalid } from "./failure.ts";
import { finalizeInvoice, makeInvoice, type NewLine, payInvoice } from "./invoicing.ts";
import type { Subscription } from "./objects.ts";
import { makeItem } from "./subscribing.ts";
import type { World } from "./world.ts";

export interface ItemChange {
  readonly id?: string | undefined;
  readonly price?: string | undefined;
  readonly quantity?: number | undefined;
  readonly deleted?: boolean | undefined;
}

export interface ItemChanges {
  readonly items: readonly ItemChange[];
  readonly proration: "always_invoice" | "create_prorations" | "none";
  /** Changes nothing where the difference cannot be collected. */
  readonly errorIfIncomplete: boolean;
}

/**
 * Changes what is subscribed to. What is left of the period is credited at the former price and billed at the new one, now or with the
 * next invoice. https://docs.stripe.com/billing/subscriptions/prorations
 */
export function changeItems(world: World, subscription: Subscription, changes: ItemChanges): void {
  const before = [...subscription.items.data];
  const at = world.now(subscription.customer);
  const lines: NewLine[] = [];
  const credit = (price: Subscription["items"]["data"][number]["price"], quantity: number, sign: 1 | -1) => {
    const [first] = before;
    if (first === undefined || subscription.status === "trialing" || price.recurring?.usage_type === "metered") return;
    const { current_period_start: from, current_period_end: to } = first;
    const share = Math.max(0, Math.min(1, (to - at) / (to - from)));
    const amount = sign * Math.round((price.unit_amount ?? 0) * quantity * share);
    lines.push({ amount, description: `${sign > 0 ? "Remaining" : "Unused"} time on ${price.product}` });
  };

  for (const { id, price: priceId, quantity, deleted } of changes.items) {
    const item = id === undefined ? undefined : subscription.items.data.find((one) => one.id === id);
    if (id !== undefined && item === undefined) throw invalid(`There is no item ${id}`, "resource_missing");
    const price = priceId === undefined ? item?.price : world.prices.get(priceId);
    if (price === undefined) throw invalid("an item has a price");
    if (!price.active && price.id !== item?.price.id) throw invalid(`The price ${price.id} is inactive`);
    if (item !== undefined) credit(item.price, item.quantity ?? 1, -1);
    if (deleted === true) {
      subscription.items.data = subscription.items.data.filter((one) => one !== item);
      continue;
    }
    const next = quantity ?? item?.quantity ?? 1;
    credit(price, next, 1);
    if (item !== undefined) {
      const changed = { ...item, price, ...(item.quantity === undefined ? {} : { quantity: next }) };
      subscription.items.data = subscription.items.data.map((one) => (one === item ? changed : one));
      continue;
    }
    if (subscription.items.data.some((one) => one.price.id === price.id)) {
      subscription.items.data = before;
      throw invalid(`There is an item with the price ${price.id} already`);
    }
    const from = before[0]?.current_period_start ?? at;
    const to = before[0]?.current_period_end ?? at;
    subscription.items.data = [
      ...subscription.items.data,
      makeItem(world, subscription, { price, quantity: next, from, to }),
    ];
  }

  if (changes.proration === "create_prorations") {
    world.prorations.set(subscription.id, [...(world.prorations.get(subscription.id) ?? []), ...lines]);
  }
  if (changes.proration === "always_invoice" && lines.length > 0) {
    const customer = world.customers.get(subscription.customer);
    const card = subscription.default_payment_method ?? customer.invoice_settings.default_payment_method;
    const total = lines.reduce((sum, { amount }) => sum + amount, 0);
    const isRefused = total > 0 && (card === null || world.refusedCards.has(card));
    if (isRefused && changes.errorIfIncomplete) {
      subscription.items.data = before;
      throw declined();
    }
    const invoice = makeInvoice(world, subscription, { reason: "subscription_update", lines });
    finalizeInvoice(world, invoice);
    payInvoice(world, invoice);
  }
  world.emit("customer.subscription.updated", subscription);
}
