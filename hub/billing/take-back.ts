import { Problem } from "#shared/problem.ts";
import type { Lanes } from "../lanes.ts";
import type { PaymentStore } from "../store/payments.ts";
import { endSubscription, invoicesOfSubscription } from "./end-subscription.ts";
import { hasStripeCode, type StripeAccount } from "./stripe.ts";

export interface TakeBackParts {
  readonly stripe: StripeAccount;
  readonly payments: PaymentStore;
  readonly lanes: Lanes;
  readonly now: () => number;
  /** Tells the customer what is refunded; nothing is of a trial, or of what was never charged. May be called again. */
  readonly tell: (purchase: string, refund: { readonly cents: number; readonly currency: string }) => Promise<void>;
}

const PAGE = 100;

/**
 * Gives everything back that was paid for a purchase that could not be delivered, and sees to it that nothing more is: the checkout is
 * closed, the subscription ended, what is open void, what was paid refunded. From its beginning the purchase counts as not paid.
 *
 * Each step looks first and can be done again; a refund has the payment as its key, and a second one is refused by Stripe itself. So it may
 * be killed anywhere, and called as often as need be.
 * @throws {Problem} what `StripeAccount.ask` throws: call it again
 */
export const takeBack = (parts: TakeBackParts, purchase: string): Promise<void> =>
  parts.lanes(purchase, async () => {
    const { stripe, payments, now, tell } = parts;
    if ((await payments.get(purchase)) === undefined) return;
    await payments.beginTakingBack(purchase, now());
    const payment = await payments.get(purchase);
    const session = payment?.session;
    const subscription =
      payment?.subscription ?? (session === undefined ? undefined : await closeCheckout(stripe, session.id));
    if (subscription !== undefined) {
      await endSubscription(stripe, subscription);
      const refund = await giveBack(stripe, subscription);
      await tell(purchase, refund);
    }
    await payments.markTakenBack(purchase, now());
  });

/** @returns the subscription of a checkout that was completed all the same */
export async function closeCheckout(stripe: StripeAccount, id: string): Promise<string | undefined> {
  for (;;) {
    const session = await stripe.ask((api) => api.checkout.sessions.retrieve(id));
    if (session.status === "expired") return undefined;
    if (session.status === "complete") {
      return typeof session.subscription === "string" ? session.subscription : session.subscription?.id;
    }
    try {
      await stripe.ask((api) => api.checkout.sessions.expire(id));
    } catch (error) {
      // Paid, or over, since we looked.
      if (!(error instanceof Problem) || error.code !== "billing_refused") throw error;
      const now = await stripe.ask((api) => api.checkout.sessions.retrieve(id));
      if (now.status === "open") throw error;
    }
  }
}

async function giveBack(stripe: StripeAccount, subscription: string) {
  const invoices = await invoicesOfSubscription(stripe, subscription);
  let cents = 0;
  for (const { id, status, amount_paid: paid } of invoices) {
    if (status !== "paid" || paid === 0) continue;
    const { data } = await stripe.ask((api) => api.invoicePayments.list({ invoice: id, status: "paid", limit: PAGE }));
    for (const { payment } of data) {
      const intent = typeof payment.payment_intent === "string" ? payment.payment_intent : payment.payment_intent?.id;
      if (intent !== undefined) await refund(stripe, intent);
    }
    cents += paid;
  }
  return { cents, currency: invoices[0]?.currency ?? "usd" };
}

async function refund(stripe: StripeAccount, intent: string): Promise<void> {
  try {
    await stripe.make(`refund:${intent}`, (api, key) => api.refunds.create({ payment_intent: intent }, key));
  } catch (error) {
    if (!hasStripeCode(error, "charge_already_refunded")) throw error;
  }
}
