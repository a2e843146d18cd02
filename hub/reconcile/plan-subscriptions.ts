import { Problem } from "#shared/problem.ts";
import type { StripeSubscription } from "../billing/subscriptions-at-stripe.ts";
import type { LookUp } from "./look-up.ts";
import { isCharging } from "./plan-orders.ts";
import type { PlannedFinding } from "./planned-finding.ts";
import type { Scene } from "./scene.ts";

type Verdict = Pick<PlannedFinding, "kind" | "title" | "detail" | "hint" | "fix">;

/** What Stripe charges for, and should not. Of an account that did not answer nothing is said. Pure. */
export function planSubscriptions(scene: Scene, books: LookUp): PlannedFinding[] {
  if (scene.stripe === undefined || scene.stripe instanceof Problem) return [];
  return scene.stripe.flatMap((subscription) => {
    const verdict = isCharging(subscription.status) ? judge(subscription, scene, books) : undefined;
    if (verdict === undefined) return [];
    const { id, purchase, monthlyCents, currency } = subscription;
    const isOurs = books.purchase(purchase) !== undefined;
    return [
      {
        ...verdict,
        ...{ id: `${verdict.kind}:${id}`, subject: id, source: "stripe", monthlyCents, currency },
        ...(isOurs ? { purchase } : {}),
      },
    ];
  });
}

function judge({ id, purchase, createdAt }: StripeSubscription, scene: Scene, books: LookUp): Verdict | undefined {
  const order = books.purchase(purchase);
  if (order === undefined) {
    return {
      kind: "unknown-subscription",
      title: "Stripe charges for an order that this hub does not know",
      detail: `The subscription ${id} is of the order ${purchase}.`,
      hint: "Another hub may use the same account. If none does, end it at Stripe, and give back what was paid.",
    };
  }
  const { payment, beaconName, email } = order;
  const isYoung = scene.now - createdAt < scene.quietMs;
  if (payment?.subscription === id) {
    const isOver = payment.takenBackAt !== undefined && scene.now - payment.takenBackAt >= scene.quietMs;
    if (!isOver) return undefined;
    return {
      kind: "orphan-subscription",
      title: `${email} is charged for ${beaconName}, which was called off`,
      detail: `The order was taken back, and the subscription ${id} goes on all the same.`,
      hint: "The hub ends it by itself every night, or now with --fix, and gives back what was paid.",
      fix: { kind: "take-back", purchase },
    };
  }
  if (isYoung) return undefined;
  const isTwice = payment?.subscription !== undefined;
  return {
    kind: "orphan-subscription",
    title: isTwice
      ? `${email} is charged twice for ${beaconName}`
      : `${email} is charged for ${beaconName}, and nobody knows of it here`,
    detail: isTwice
      ? `Besides ${payment.subscription} there is the subscription ${id}.`
      : `The subscription ${id} is not in the books: by them the order was not paid for.`,
    hint: isTwice
      ? "End it at Stripe, and give back what was paid."
      : "See at Stripe how it was begun. Approve the order, or end it there.",
  };
}
