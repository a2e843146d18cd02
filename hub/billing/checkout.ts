import { hashOf } from "#shared/hash.ts";
import { Problem } from "#shared/problem.ts";
import type { Lanes } from "../lanes.ts";
import type { BillingCustomerStore } from "../store/billing-customers.ts";
import type { PaymentStore } from "../store/payments.ts";
import type { PurchaseStore } from "../store/purchases.ts";
import { customerOf } from "./customers.ts";
import { priceIdsOf } from "./prices.ts";
import type { StripeAccount } from "./stripe.ts";

export interface CheckoutParts {
  readonly stripe: StripeAccount;
  readonly payments: PaymentStore;
  readonly purchases: Pick<PurchaseStore, "get">;
  readonly customers: BillingCustomerStore;
  /** One thing at a time is done about a purchase. */
  readonly lanes: Lanes;
  /** Where the customer goes on, for a purchase, whether it was paid or not. */
  readonly returnUrl: (purchase: string) => string;
  /** Days before the first payment of what is bought in the shop. */
  readonly trialDays: number | undefined;
  readonly now: () => number;
}

/**
 * Address of the page at Stripe where a purchase is paid for; the same one until it is over. What it costs comes from our books and
 * Stripe's prices alone: whoever asks says which purchase, and nothing more.
 *
 * Killed between Stripe's answer and our note of it, the next call gets the same session under the same idempotency key.
 * @throws {Problem} `not_found`, `conflict` when it is paid for or costs nothing, and what `StripeAccount.ask` throws
 */
export const openCheckout = (parts: CheckoutParts, purchase: string): Promise<{ readonly url: string }> =>
  parts.lanes(purchase, async () => {
    const { stripe, payments, purchases, customers, returnUrl, trialDays, now } = parts;
    const bought = await purchases.get(purchase);
    if (bought === undefined) throw new Problem("not_found", `there is no purchase ${purchase}`);
    const { sale, email } = bought;
    if (sale !== undefined) await payments.ensure(purchase, { prices: sale.lines.map(({ key }) => key), trialDays });
    const payment = await payments.get(purchase);
    if (payment === undefined) throw new Problem("conflict", "there is nothing to pay for this purchase");
    if (payment.takeBackSince !== undefined) throw new Problem("conflict", "this purchase was called off");
    if (payment.paidAt !== undefined) throw new Problem("conflict", "this purchase is paid for");

    let { round } = payment;
    const { session } = payment;
    if (session !== undefined) {
      const open = await stripe.ask((api) => api.checkout.sessions.retrieve(session.id));
      if (open.status === "open" && open.url !== null) return { url: open.url };
      // Paid this very moment: the webhook is on its way.
      if (open.status === "complete") throw new Problem("conflict", "this purchase is paid for");
      round += 1;
    }

    const customer = await customerOf(stripe, customers, email);
    const prices = await priceIdsOf(stripe, payment.prices);
    const expiresAt = sale === undefined ? undefined : endOf(sale.expiresAt, now());
    const key = `checkout:${purchase}:${round}:${hashOf([customer, prices, expiresAt ?? 0]).slice(0, 16)}`;
    const made = await stripe.make(key, (api, options) =>
      api.checkout.sessions.create(
        {
          mode: "subscription",
          customer,
          client_reference_id: purchase,
          line_items: prices.map((price) => ({ price, quantity: 1 })),
          success_url: returnUrl(purchase),
          cancel_url: returnUrl(purchase),
          ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
          metadata: { purchase },
          subscription_data: {
            metadata: { purchase },
            ...(payment.trialDays === undefined ? {} : { trial_period_days: payment.trialDays }),
          },
        },
        options,
      ),
    );
    if (made.url === null) throw new Problem("billing_refused", "Stripe made a checkout without a page");
    await payments.open(purchase, { customer, session: made.id, url: made.url });
    return { url: made.url };
  });

/** Stripe asks for half an hour at least: https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-expires_at */
const SHORTEST_MS = 31 * 60_000;
const ROUND_MS = 10 * 60_000;

/** When a checkout ends, in seconds since the epoch; rounded where it is late, so that who asks again asks for the same. */
const endOf = (wantedAt: number, now: number): number =>
  Math.floor(Math.max(wantedAt, Math.ceil((now + SHORTEST_MS) / ROUND_MS) * ROUND_MS) / 1000);
