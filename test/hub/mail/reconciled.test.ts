import { describe, expect, it } from "vitest";
import { reconciledMail } from "#hub/mail/templates/reconciled.ts";
import type { Finding } from "#shared/api/reconcile.ts";

const finding = (nth = 1, over: Partial<Finding> = {}): Finding => ({
  ...{ id: `orphan-vps:hetzner/${nth}`, kind: "orphan-vps", subject: String(nth), since: 0, resolvable: true },
  ...{ title: `A server of ada-${nth} is left over`, detail: "Its order was cancelled.", hint: "Remove it." },
  ...{ monthlyCents: 449, currency: "EUR", ...over },
});
const fixed = {
  id: "a",
  kind: "orphan-vps",
  subject: "2",
  title: "A server of bob is left over",
  at: 0,
  outcome: "It is removed.",
} as const;
const consoleUrl = "https://hub.example.org";

describe("the mail about a comparison", () => {
  it("says what was found, what it costs and what to do, in both of its forms", () => {
    const { subject, text, html } = reconciledMail({ open: [finding(), finding(2)], fixed: [], consoleUrl });
    expect(subject).toBe("2 things found that should not be");
    for (const form of [text, html]) {
      for (const words of [
        "A server of ada-1 is left over",
        "€4.49",
        "Its order was cancelled.",
        "Remove it.",
        consoleUrl,
      ])
        expect(form).toContain(words);
      expect(form).not.toContain("Put right");
    }
  });

  it("says what was put right", () => {
    const { subject, text } = reconciledMail({ open: [], fixed: [fixed], consoleUrl });
    expect(subject).toBe("1 thing put right");
    expect(text).toContain("Put right: A server of bob is left over: It is removed.");
  });

  it("names no cost that nobody knows, and counts what is too much for a mail", () => {
    const open = Array.from({ length: 23 }, (_, nth) => finding(nth, { monthlyCents: undefined }));
    const { text } = reconciledMail({ open, fixed: [], consoleUrl });
    expect(text).not.toContain("A month");
    expect(text).toContain("And 3 more.");
    expect(text).not.toContain("ada-20 ");
  });

  it("lets nothing break out of its HTML", () => {
    const { html } = reconciledMail({ open: [finding(1, { detail: "<script>" })], fixed: [], consoleUrl });
    expect(html).toContain("&lt;script&gt;");
    expect(html).not.toContain("<script>");
  });
});
