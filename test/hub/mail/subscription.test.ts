import { describe, expect, test } from "vitest";
import type { Words } from "#hub/mail/templates/letter.ts";
import {
  paymentReminderMail,
  refundedMail,
  reminderDays,
  resumedMail,
  suspendedMail,
  terminatedMail,
  terminatingSoonMail,
  trialEndingMail,
  upgradedMail,
} from "#hub/mail/templates/subscription.ts";
import { visibleText } from "./visible-text.ts";

const subscription = {
  name: "ada",
  domain: "ada.example.org",
  amount: { cents: 4999, currency: "eur" },
  payUrl: "https://pay.example.org/session?a=1&b=2",
  dashboardUrl: "https://ada.example.org",
};
const [suspendsAt, terminatesAt] = [Date.UTC(2026, 2, 9, 23, 59), Date.UTC(2026, 3, 8)];
const backup = { url: "https://hub.example.org/backups/ada", keptUntil: Date.UTC(2026, 6, 1) };

const mails: readonly (readonly [string, Words])[] = [
  ...reminderDays.map(
    (day) => [`the reminder of day ${day}`, paymentReminderMail(day, { ...subscription, suspendsAt })] as const,
  ),
  ["trial ending", trialEndingMail({ ...subscription, endsAt: suspendsAt })],
  ["suspended", suspendedMail({ ...subscription, terminatesAt })],
  ["terminated soon", terminatingSoonMail({ ...subscription, terminatesAt })],
  ["terminated", terminatedMail({ ...subscription, terminatedAt: terminatesAt, backup })],
  ["terminated without a backup", terminatedMail({ ...subscription, terminatedAt: terminatesAt })],
  ["resumed", resumedMail(subscription)],
  ["refunded", refundedMail({ ...subscription, outcome: "refunded", shopUrl: "https://hub.example.org/pricing" })],
  ["never charged", refundedMail({ ...subscription, outcome: "voided", shopUrl: "https://hub.example.org/pricing" })],
  ["upgraded", upgradedMail({ ...subscription, size: "4 processors, 8 GB of memory" })],
];
const mailOf = (name: string) => mails.find(([known]) => known === name)?.[1] ?? { subject: "", text: "", html: "" };

describe.each(mails)("the mail %s", (_name, { subject, text, html }) => {
  test("says the same in both of its forms", () => {
    const shown = visibleText(html);
    for (const line of text.split("\n\n").map((block) => block.replaceAll(/\s+/g, " ").trim())) {
      // Where a label and its value stand in columns, HTML needs no colon.
      for (const part of line.split(/: /)) expect(shown).toContain(part.replace(/:$/, ""));
    }
  });

  test("names the beacon in its subject, and leaves nothing out that it was to be given", () => {
    expect(subject).toContain("ada");
    expect(subject.length).toBeLessThan(78);
    expect(text + html).not.toMatch(/undefined|NaN|Invalid Date|\[object/);
  });

  test("is readable where lines are short", () => {
    for (const line of text.split("\n")) if (!line.startsWith("https://")) expect(line.length).toBeLessThanOrEqual(78);
  });
});

test("each reminder says how much, by when, where to pay, and that nothing is lost yet", () => {
  const texts = reminderDays.map((day) => mailOf(`the reminder of day ${day}`).text);
  for (const text of texts) {
    for (const said of ["€49.99", "9 March 2026", subscription.payUrl, "nothing is deleted"])
      expect(text).toContain(said);
  }
  expect(new Set(texts.map((text) => text.split("\n")[0])).size).toBe(4);
});

test("who is suspended is told until when everything is kept, and what becomes of it then", () => {
  for (const name of ["suspended", "terminated soon"]) expect(mailOf(name).text).toContain("8 April 2026");
  expect(mailOf("suspended").text).toMatch(/All of your data is kept/);
  expect(mailOf("terminated soon").subject).toContain("8 April 2026");
});

test("who is gone is told where the last backup is, or that there is none", () => {
  expect(mailOf("terminated").text).toContain("1 July 2026");
  expect(mailOf("terminated").text).toContain(backup.url);
  expect(mailOf("terminated without a backup").text).toContain("No backup of it is kept");
  expect(mailOf("terminated without a backup").text).not.toContain("1 July");
});

test("who was not delivered to is told what becomes of the money, and promised no more than that", () => {
  expect(mailOf("refunded").text).toContain("refunded €49.99");
  expect(mailOf("never charged").text).not.toContain("refunded");
  expect(mailOf("never charged").subject).toContain("nothing was charged");
});

test("an amount that nobody knows is left out, and nothing else", () => {
  const { amount: _, ...unknown } = subscription;
  for (const [complete, without] of [
    [mailOf("suspended"), suspendedMail({ ...unknown, terminatesAt })],
    [mailOf("the reminder of day 0"), paymentReminderMail(0, { ...unknown, suspendsAt })],
  ] as const) {
    expect(without.text).not.toMatch(/€|mount/);
    const others = (text: string) =>
      text
        .split("\n")
        .filter((line) => !/mount/.test(line))
        .map((line) => line.replaceAll(/ +/g, " "));
    expect(others(without.text)).toEqual(others(complete.text));
  }
});
