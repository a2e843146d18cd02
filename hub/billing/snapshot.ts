import type Stripe from "stripe";
import type { SubscriptionSnapshot } from "../store/subscriptions.ts";
import type { StripeAccount } from "./stripe.ts";

const ms = (seconds: number | null | undefined) => (seconds == null ? undefined : seconds * 1000);
export const idOf = (thing: string | { readonly id: string }) => (typeof thing === "string" ? thing : thing.id);

/** Statuses in which an invoice was not paid in time: https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses */
const isBehind = (status: string) => status === "past_due" || status === "unpaid";

/** What a subscription brings a month, without what is metered. All that a hub sells is paid by the month. */
export const amountsOf = ({ currency, items }: Pick<Stripe.Subscription, "currency" | "items">) => ({
  monthlyCents: items.data
    .filter(({ price }) => price.recurring?.usage_type !== "metered")
    .reduce((sum, { price, quantity = 1 }) => sum + (price.unit_amount ?? 0) * quantity, 0),
  currency,
});

/**
 * A subscription as Stripe has it now.
 * @returns `undefined` for one that no hub has made
 */
export async function readSubscription(
  stripe: StripeAccount,
  id: string,
  now: () => number,
): Promise<SubscriptionSnapshot | undefined> {
  const seenAt = now();
  const subscription = await stripe.ask((api) => api.subscriptions.retrieve(id));
  const { purchase } = subscription.metadata;
  if (purchase === undefined) return undefined;
  const open = isBehind(subscription.status)
    ? await stripe.ask((api) => api.invoices.list({ subscription: id, status: "open", limit: 100 }))
    : undefined;
  // From the oldest that is open, so that it is the same however often and in whatever order we are told.
  const since = open?.data.map(({ status_transitions: { finalized_at: at }, created }) => at ?? created) ?? [];
  const [item] = subscription.items.data;
  return {
    id,
    purchase,
    customer: idOf(subscription.customer),
    status: subscription.status,
    prices: subscription.items.data.map(({ price }) => idOf(price.product)).sort(),
    periodEndsAt: ms(item?.current_period_end),
    trialEndsAt: ms(subscription.trial_end),
    endsAt: ms(subscription.cancel_at),
    pastDueSince: isBehind(subscription.status) ? (since.length > 0 ? Math.min(...since) * 1000 : seenAt) : undefined,
    endedAt: ms(subscription.ended_at),
    ...amountsOf(subscription),
    startedAt: ms(subscription.created),
    openInvoices: open?.data.length ?? 0,
    openCents: open?.data.reduce((sum, { amount_remaining: cents }) => sum + cents, 0) ?? 0,
    seenAt,
  };
}
