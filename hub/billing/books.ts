import type { Lanes } from "../lanes.ts";
import type { PaymentStore } from "../store/payments.ts";
import type { SubscriptionSnapshot, SubscriptionStore } from "../store/subscriptions.ts";
import { type EndedSession, readSession } from "./session.ts";
import { readSubscription } from "./snapshot.ts";
import type { StripeAccount } from "./stripe.ts";

export interface BooksParts {
  readonly stripe: StripeAccount;
  readonly payments: PaymentStore;
  readonly subscriptions: SubscriptionStore;
  readonly lanes: Lanes;
  readonly now: () => number;
  /** A purchase is paid for, or its trial has begun. May be told again; what it throws has it told again. */
  readonly onPaid: (purchase: string) => Promise<void>;
  /** A checkout was over without a payment. May be told again. */
  readonly onLapsed: (purchase: string) => Promise<void>;
  /** Money came for a purchase that was called off. */
  readonly onPaidTooLate: (purchase: string) => Promise<void>;
  /** A subscription is in the books as it is now. */
  readonly onSubscription: () => void;
}

/** Our side of what Stripe has: takes over what an object is now. */
export interface Books {
  /**
   * @param target `session <id>` or `subscription <id>`, as events are noted.
   * @param told What Stripe has said itself of that session, and is so for good: it is not asked.
   */
  look(target: string, told?: EndedSession): Promise<void>;
  /** @returns `undefined` for a subscription that is none of ours */
  refresh(subscription: string): Promise<SubscriptionSnapshot | undefined>;
}

export function createBooks(parts: BooksParts): Books {
  const { stripe, payments, subscriptions, lanes, now, onPaid, onLapsed, onPaidTooLate, onSubscription } = parts;

  // One at a time: what was asked for first must not be written last.
  const refresh: Books["refresh"] = (id) =>
    lanes(`read ${id}`, async () => {
      const snapshot = await readSubscription(stripe, id, now);
      if (snapshot === undefined || (await payments.get(snapshot.purchase)) === undefined) return undefined;
      await subscriptions.put(snapshot);
      onSubscription();
      return snapshot;
    });

  const lookAtSession = async (id: string, told: EndedSession | undefined) => {
    const session = told ?? (await readSession(stripe, id));
    if (session === undefined) return;
    const { purchase } = session;
    const payment = await payments.get(purchase);
    if (payment === undefined) return;
    if (session.state === "expired") {
      const isOurs = await payments.markLapsed(purchase, id, now());
      if (isOurs || (payment.lapsedAt !== undefined && payment.paidAt === undefined)) await onLapsed(purchase);
      return;
    }
    const { subscription, customer } = session;
    await payments.markPaid(purchase, { subscription, customer, at: now() });
    // Read again: it may have been called off while Stripe was asked.
    if ((await payments.get(purchase))?.takeBackSince === undefined) await onPaid(purchase);
    else await onPaidTooLate(purchase);
  };

  return {
    refresh,
    look: async (target, told) => {
      const [kind, id = ""] = target.split(" ");
      if (kind === "session") await lookAtSession(id, told);
      else await refresh(id);
    },
  };
}
