import { hashOf } from "#shared/hash.ts";
import type { MailQueue } from "../mail/mail-queue.ts";
import type { Words } from "../mail/templates/letter.ts";
import {
  paymentReminderMail,
  refundedMail,
  resumedMail,
  suspendedMail,
  terminatedMail,
  trialEndingMail,
} from "../mail/templates/subscription.ts";
import type { PurchaseStore } from "../store/purchases.ts";
import type { StoredSubscription } from "../store/subscriptions.ts";
import type { LifeNews, TellCustomer } from "./life.ts";
import { type LifePolicy, SUSPEND_AFTER_DAYS } from "./plan-life.ts";
import type { TakeBackParts } from "./take-back.ts";

export interface CustomerMailParts {
  readonly mails: Pick<MailQueue, "send">;
  readonly purchases: Pick<PurchaseStore, "get">;
  /** Origin of the hub, where people sign in to see their subscriptions. */
  readonly origin: string;
  /** Domain under which beacons live. */
  readonly zone: string;
  readonly policy: LifePolicy;
  readonly now: () => number;
}

const DAY_MS = 24 * 3_600_000;
/** A mail is its id: the same news again is not sent again. */
const mailIdOf = (about: string) => `mail_${hashOf(["billing", about]).slice(0, 32)}`;

/** Tells customers by mail. */
export const createCustomerMail = (parts: CustomerMailParts) => ({
  tell: (async (news, { id, subscription, payUrl = parts.origin }) => {
    const words = wordsOf(news, subscription, { ...parts, payUrl });
    await parts.mails.send({ id: mailIdOf(id), recipient: subscription.email, attachment: undefined, ...words });
  }) satisfies TellCustomer,
  tellRefund: (async (purchase, amount) => {
    const bought = await parts.purchases.get(purchase);
    if (bought === undefined) return;
    const { beaconName: name, email } = bought;
    const outcome = amount.cents > 0 ? "refunded" : "voided";
    const words = refundedMail({ name, amount, outcome, shopUrl: parts.origin });
    const about = outcome === "refunded" ? `refund ${purchase}` : `void ${purchase}`;
    await parts.mails.send({ id: mailIdOf(about), recipient: email, attachment: undefined, ...words });
  }) satisfies TakeBackParts["tell"],
});

function wordsOf(
  news: LifeNews,
  { beaconName: name, pastDueSince, endedAt, trialEndsAt }: StoredSubscription,
  { payUrl, policy, zone, origin, now }: CustomerMailParts & { readonly payUrl: string },
): Words {
  const about = { name, domain: `${name}.${zone}`, payUrl };
  const suspendsAt = pastDueSince === undefined ? (endedAt ?? now()) : pastDueSince + SUSPEND_AFTER_DAYS * DAY_MS;
  switch (news.kind) {
    case "remind":
      return paymentReminderMail(news.day, { ...about, suspendsAt });
    case "suspend":
      return suspendedMail({ ...about, terminatesAt: suspendsAt + policy.terminateAfterDays * DAY_MS });
    case "resume":
      return resumedMail({ ...about, dashboardUrl: origin });
    case "terminate":
      return terminatedMail({ ...about, terminatedAt: now() });
    case "trial-ending":
      return trialEndingMail({ ...about, endsAt: trialEndsAt ?? now() });
  }
}
