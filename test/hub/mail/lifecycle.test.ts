import { describe, expect, test } from "vitest";
import type { Words } from "#hub/mail/templates/letter.ts";
import {
  handedOverMail,
  rebuiltMail,
  receivedMail,
  resumedByOperatorMail,
  suspendedByOperatorMail,
} from "#hub/mail/templates/lifecycle.ts";
import { visibleText } from "./visible-text.ts";

const beacon = { name: "ada", domain: "ada.example.org", dashboardUrl: "https://ada.example.org" };
const handed = { ...beacon, from: "ada@example.org", to: "eve@example.org" };
const invitation = "https://hub.example.org/welcome?token=x&y=z";

const mails: readonly (readonly [string, Words])[] = [
  ["suspended", suspendedByOperatorMail(beacon)],
  ["resumed", resumedByOperatorMail(beacon)],
  ["rebuilt", rebuiltMail({ ...beacon, apps: ["vaultwarden", "umami"] })],
  ["rebuilt, without apps and without a dashboard", rebuiltMail({ ...beacon, dashboardUrl: undefined, apps: [] })],
  ["received", receivedMail({ ...handed, invitation })],
  ["handed over", handedOverMail(handed)],
];
const mailOf = (name: string) => mails.find(([known]) => known === name)?.[1].text.replaceAll("\n", " ") ?? "";

describe.each(mails)("the mail %s", (_name, { subject, text, html }) => {
  test("says the same in both of its forms, of the beacon that its subject names", () => {
    const shown = visibleText(html);
    for (const line of text.split("\n\n").map((block) => block.replaceAll(/\s+/g, " ").trim())) {
      for (const part of line.split(/: /)) expect(shown).toContain(part.replace(/:$/, ""));
    }
    expect(subject).toContain("ada");
    expect(text + html).not.toMatch(/undefined|\[object/);
  });

  test("is readable where lines are short", () => {
    for (const line of text.split("\n")) if (!line.startsWith("https://")) expect(line.length).toBeLessThanOrEqual(78);
  });
});

test("each says what became of the data", () => {
  expect(mailOf("suspended")).toContain("Nothing is deleted.");
  expect(mailOf("resumed")).toContain("with all of your data");
  expect(mailOf("rebuilt")).toContain("All that was on the former server is deleted");
  expect(mailOf("rebuilt")).toContain("vaultwarden, umami");
  expect(mailOf("rebuilt, without apps and without a dashboard")).not.toContain("Open the dashboard");
});
