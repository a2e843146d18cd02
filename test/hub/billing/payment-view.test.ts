import { expect, test } from "vitest";
import { paymentViewOf } from "#hub/billing/payment-view.ts";
import { PaymentView } from "#shared/api/billing.ts";

const nothing = {
  trialDays: undefined,
  subscription: undefined,
  paidAt: undefined,
  lapsedAt: undefined,
  takeBackSince: undefined,
  takenBackAt: undefined,
};

test.each([
  ["nothing to pay", undefined, { state: "none" }],
  ["a checkout that waits", {}, { state: "open" }],
  ["one that is paid", { paidAt: 2, subscription: "sub_1" }, { state: "paid", since: 2, subscription: "sub_1" }],
  ["a trial", { paidAt: 2, trialDays: 14 }, { state: "paid", since: 2, trialDays: 14 }],
  ["one that lapsed", { lapsedAt: 3 }, { state: "lapsed", since: 3 }],
  ["one that goes back", { paidAt: 2, takeBackSince: 4 }, { state: "taking-back", since: 4 }],
  ["one that went back", { paidAt: 2, takeBackSince: 4, takenBackAt: 5 }, { state: "taken-back", since: 5 }],
])("%s is shown as what came last", (_, facts, view) => {
  const shown = paymentViewOf(facts === undefined ? undefined : { ...nothing, ...facts });
  expect(shown).toEqual(view);
  expect(PaymentView.parse(shown)).toEqual(view);
});
