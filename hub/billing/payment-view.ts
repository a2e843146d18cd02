import type { PaymentView } from "#shared/api/billing.ts";
import type { Payment } from "../store/payments.ts";

type Facts = Pick<Payment, "trialDays" | "subscription" | "paidAt" | "lapsedAt" | "takeBackSince" | "takenBackAt">;

/** Pure: a payment as the operator sees it. @param payment Absent where nothing is to be paid */
export function paymentViewOf(payment: Facts | undefined): PaymentView {
  if (payment === undefined) return { state: "none" };
  const { trialDays, subscription } = payment;
  return {
    ...standingOf(payment),
    ...(trialDays === undefined ? {} : { trialDays }),
    ...(subscription === undefined ? {} : { subscription }),
  };
}

/** What came last counts: one that lapsed can be paid in another round, and what was paid can go back. */
function standingOf({ paidAt, lapsedAt, takeBackSince, takenBackAt }: Facts): Pick<PaymentView, "state" | "since"> {
  if (takenBackAt !== undefined) return { state: "taken-back", since: takenBackAt };
  if (takeBackSince !== undefined) return { state: "taking-back", since: takeBackSince };
  if (paidAt !== undefined) return { state: "paid", since: paidAt };
  if (lapsedAt !== undefined) return { state: "lapsed", since: lapsedAt };
  return { state: "open" };
}
