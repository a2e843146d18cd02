import { Problem } from "#shared/problem.ts";
import { createNudgedLoop, type NudgedLoop } from "../nudged-loop.ts";
import type { BillingNotice, BillingNoticeStore } from "../store/billing-notices.ts";
import type { PaymentStore } from "../store/payments.ts";
import type { StripeAccount } from "./stripe.ts";

export interface NoticeParts {
  readonly stripe: StripeAccount;
  readonly notices: BillingNoticeStore;
  readonly payments: Pick<PaymentStore, "get">;
  readonly currency: string;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

const PAUSE_MS = 30_000;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 3_600_000;
const AT_ONCE = 100;
/** Keys count for a day at least: https://docs.stripe.com/api/idempotent_requests; meters have the same bound for identifiers. */
const KEYS_COUNT_MS = 23 * 3_600_000;

/**
 * Tells Stripe what was used and what is credited, each once: the notice's id is its key there. One that may have arrived, and whose key
 * may be forgotten by now, is not sent again but left to the operator: money is not given twice.
 */
export function createNotices({ stripe, notices, payments, currency, now, onError }: NoticeParts): NudgedLoop {
  const send = async ({ id, purchase, body, at }: BillingNotice) => {
    const customer = (await payments.get(purchase))?.customer;
    if (customer === undefined) throw new Problem("conflict", `nobody pays for ${purchase}`);
    if (body.kind === "usage") {
      const payload = { stripe_customer_id: customer, value: String(body.value) };
      const event = { event_name: body.meter, identifier: id, payload, timestamp: Math.floor(at / 1000) };
      await stripe.ask((api) => api.billing.meterEvents.create(event, { idempotencyKey: id }));
      return;
    }
    // Below zero is what we owe: https://docs.stripe.com/billing/customer/balance
    const credit = { amount: -body.cents, currency, description: body.reason };
    await stripe.ask((api) => api.customers.createBalanceTransaction(customer, credit, { idempotencyKey: id }));
  };

  const deliver = async (notice: BillingNotice) => {
    const { id, triedAt, attempts } = notice;
    try {
      if (triedAt !== undefined && now() - triedAt > KEYS_COUNT_MS) {
        throw new Problem("conflict", `whether ${id} arrived at Stripe a day ago is not known`, {
          hint: "Look at the customer at Stripe, and enter it there if it is missing.",
        });
      }
      await notices.markTried(id, now());
      await send(notice);
      await notices.markSent(id, now());
    } catch (error) {
      const problem = Problem.wrap(error);
      const pauseMs = Math.min(FIRST_RETRY_MS * 2 ** attempts, LONGEST_RETRY_MS);
      await notices.markFailed(id, problem.toJSON(), problem.retryable ? now() + pauseMs : undefined);
      onError(problem);
    }
  };

  return createNudgedLoop({
    errorPauseMs: FIRST_RETRY_MS,
    onError,
    turn: async (signal) => {
      const due = await notices.due(now(), AT_ONCE);
      for (const notice of due) if (!signal.aborted) await deliver(notice);
      return due.length === AT_ONCE ? 0 : Math.min(PAUSE_MS, FIRST_RETRY_MS * (due.length > 0 ? 1 : 15));
    },
  });
}
