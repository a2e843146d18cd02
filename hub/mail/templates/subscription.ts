import { formatMoney } from "#shared/money.ts";
import { button, facts, notice, text, type Words, writeLetter } from "./letter.ts";

/** What a mail about a subscription says of it. Times are milliseconds since the epoch. */
export interface SubscriptionFacts {
  /** Of the beacon. */
  readonly name: string;
  readonly domain: string;
  /** What is open, or what a month costs; left out where nobody knows it. */
  readonly amount?: Money | undefined;
  /** Where the owner pays, or changes how. */
  readonly payUrl: string;
}

export interface Money {
  /** In the currency's smallest unit. */
  readonly cents: number;
  /** ISO 4217. */
  readonly currency: string;
}
const said = ({ cents, currency }: Money) => formatMoney(cents, currency);
const amountRow = (label: string, amount: Money | undefined): [string, string][] =>
  amount === undefined ? [] : [[label, said(amount)]];

/** Days after a payment has failed on which the owner is reminded. */
export const reminderDays = [0, 3, 5, 7] as const;
export type ReminderDay = (typeof reminderDays)[number];

const date = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });
const on = (at: number) => date.format(at);

const openings: {
  readonly [Day in ReminderDay]: (name: string) => { readonly subject: string; readonly first: string };
} = {
  0: (name) => ({
    subject: `The payment for your beacon ${name} did not go through`,
    first:
      "The usual reason is a card that has expired or been replaced. Nothing has changed for you yet: your beacon runs on, and the payment is tried again.",
  }),
  3: (name) => ({
    subject: `Your beacon ${name} is still unpaid`,
    first: "We tried again, and the payment still does not go through. Your beacon runs on.",
  }),
  5: (name) => ({
    subject: `Your beacon ${name} will be suspended in two days`,
    first: "The payment has been open for five days. Please have a look at how you pay.",
  }),
  7: (name) => ({
    subject: `Last call: your beacon ${name} is about to be suspended`,
    first: "The payment has been open for a week, and none of our tries went through.",
  }),
};

/** Reminds of a payment that failed: on the day itself, and on days 3, 5 and 7. */
export function paymentReminderMail(
  day: ReminderDay,
  { name, domain, amount, payUrl, suspendsAt }: SubscriptionFacts & { readonly suspendsAt: number },
): Words {
  const { subject, first } = openings[day](name);
  return writeLetter({
    subject,
    blocks: [
      text(first),
      facts(["Beacon", domain], ...amountRow("Amount", amount), ["Suspended from", on(suspendsAt)]),
      button("Pay or change the card", payUrl),
      text(
        `If it stays unpaid, the beacon is suspended on ${on(suspendsAt)}: its apps stop answering, and nothing is deleted. Paying at any time brings it back.`,
      ),
      text("You have just paid? Then this mail has crossed with your payment, and there is nothing left to do."),
    ],
  });
}

/** The trial ends soon, and then a month is charged. */
export const trialEndingMail = ({
  name,
  domain,
  amount,
  payUrl,
  endsAt,
}: SubscriptionFacts & { readonly endsAt: number }): Words =>
  writeLetter({
    subject: `The trial of your beacon ${name} ends on ${on(endsAt)}`,
    blocks: [
      text(`Until then ${domain} costs nothing. After that the first month is charged, and everything stays as it is.`),
      facts(["Trial until", on(endsAt)], ...amountRow("A month", amount)),
      button("See your subscription", payUrl),
      text("You do not want to stay? Cancel before that day, and nothing is charged."),
    ],
  });

export interface SuspendedFacts extends SubscriptionFacts {
  /** When the beacon is deleted if it stays unpaid. */
  readonly terminatesAt: number;
}

/** The beacon was switched off because it is unpaid. */
export const suspendedMail = ({ name, domain, amount, payUrl, terminatesAt }: SuspendedFacts): Words =>
  writeLetter({
    subject: `Your beacon ${name} is suspended`,
    blocks: [
      text(`${domain} has been unpaid for a week, so its apps do not answer any more. All of your data is kept.`),
      facts(...amountRow("Open amount", amount), ["Kept until", on(terminatesAt)]),
      button("Pay and switch it on again", payUrl),
      text("As soon as the payment is there, the beacon starts by itself, as it was. That takes a few minutes."),
      notice(`If it is still unpaid on ${on(terminatesAt)}, the beacon is deleted with everything on it.`),
    ],
  });

/** The beacon is about to be deleted. */
export const terminatingSoonMail = ({ name, domain, amount, payUrl, terminatesAt }: SuspendedFacts): Words =>
  writeLetter({
    subject: `Your beacon ${name} will be deleted on ${on(terminatesAt)}`,
    blocks: [
      notice(`On ${on(terminatesAt)} the server of ${domain} is deleted with its disk. Nobody can undo that.`),
      facts(["Beacon", domain], ...amountRow("Open amount", amount)),
      button("Pay and keep the beacon", payUrl),
      text(
        "You want to leave, and only need your data? Pay once more, export it from your apps, then cancel: the beacon stays until the end of the time that is paid.",
      ),
    ],
  });

export interface TerminatedFacts extends Pick<SubscriptionFacts, "name" | "domain"> {
  readonly terminatedAt: number;
  /** Of the last backup, where one was made. */
  readonly backup?: { readonly url: string; readonly keptUntil: number } | undefined;
}

/** The beacon is gone. */
export const terminatedMail = ({ name, domain, terminatedAt, backup }: TerminatedFacts): Words =>
  writeLetter({
    subject: `Your beacon ${name} was deleted`,
    blocks: [
      text(
        `${domain} was deleted on ${on(terminatedAt)}. Its server, its disk and its address are gone, and nothing more is charged.`,
      ),
      ...(backup === undefined
        ? [text("No backup of it is kept.")]
        : [
            text(`A last backup is kept for you until ${on(backup.keptUntil)}. After that it is deleted, too.`),
            button("Get the last backup", backup.url),
          ]),
      text("Thank you for having been with us."),
    ],
  });

/** The beacon runs again, since it is paid. */
export const resumedMail = ({
  name,
  domain,
  dashboardUrl,
}: Pick<SubscriptionFacts, "name" | "domain"> & { readonly dashboardUrl: string }): Words =>
  writeLetter({
    subject: `Your beacon ${name} is back`,
    blocks: [
      text(
        `Thank you: the payment is there, and ${domain} runs again, with all of your data. Its apps may need a few minutes to start.`,
      ),
      button("Open the dashboard", dashboardUrl),
    ],
  });

export interface RefundedFacts extends Pick<SubscriptionFacts, "name"> {
  /** All that was paid. */
  readonly amount: Money;
  /** Whether money had been taken and goes back, or was only reserved and never taken. */
  readonly outcome: "refunded" | "voided";
  /** Page of the offer, to order again. */
  readonly shopUrl: string;
}

/** What was paid could not be delivered, and the money goes back. */
export const refundedMail = ({ name, amount, outcome, shopUrl }: RefundedFacts): Words => {
  return writeLetter({
    subject:
      outcome === "refunded"
        ? `Your beacon ${name} could not be delivered: you get your money back`
        : `Your beacon ${name} could not be delivered: nothing was charged`,
    blocks: [
      text(
        "We are sorry. We tried again and again to create your server, and it did not work out in the time in which we want to deliver. The fault is ours, not yours.",
      ),
      text(
        outcome === "refunded"
          ? `We have refunded ${said(amount)}, all that you paid. Your bank decides when you see it: usually within ten days.`
          : amount.cents > 0
            ? `Nothing was charged: the ${said(amount)} that were reserved are free again.`
            : "Nothing was charged, and nothing will be.",
      ),
      text(
        `Everything that had been made for you is gone, and the name ${name} is free: you can order it again whenever you like.`,
      ),
      button("Order again", shopUrl),
    ],
  });
};

export interface UpgradedFacts extends Pick<SubscriptionFacts, "name" | "domain" | "amount"> {
  readonly dashboardUrl: string;
  /** What it is now, for example `4 processors, 8 GB of memory`. */
  readonly size: string;
}

/** The beacon has its new size. */
export const upgradedMail = ({ name, domain, amount, dashboardUrl, size }: UpgradedFacts): Words =>
  writeLetter({
    subject: `Your beacon ${name} has grown`,
    blocks: [
      text(
        `The upgrade of ${domain} is done. It was restarted for that, and its apps are starting again now, with all of your data.`,
      ),
      facts(["Now", size], ...amountRow("A month", amount)),
      button("Open the dashboard", dashboardUrl),
    ],
  });
