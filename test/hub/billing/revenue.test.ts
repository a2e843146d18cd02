import { describe, expect, it } from "vitest";
import { type NoticeFacts, type RevenueFacts, revenueOf } from "#hub/billing/revenue.ts";

const now = Date.UTC(2026, 10, 21, 12);
const NOVEMBER = Date.UTC(2026, 10);
const bundleTitles = new Map([["starter", "Starter"]]);
const revenue = (...some: Partial<RevenueFacts>[]) =>
  revenueOf(
    some.map((one) => ({
      ...{ status: "active", prices: ["bundle_starter_t1"], monthlyCents: 2999, currency: "usd" },
      ...{ startedAt: NOVEMBER - 1, endsAt: undefined, endedAt: undefined },
      ...{ openInvoices: 0, openCents: 0, isTakenBack: false },
      ...one,
    })),
    { bundleTitles, notices: [], now },
  );
const only = (...some: Partial<RevenueFacts>[]) => {
  const { currencies } = revenue(...some);
  expect(currencies).toHaveLength(1);
  return currencies[0];
};
const none = { subscriptions: 0, monthlyCents: 0 };

describe("revenue", () => {
  it("of nobody is no currency, and the month all the same", () => {
    expect(revenue()).toEqual({ at: now, monthFrom: NOVEMBER, currencies: [], usage: [] });
  });

  it.each([
    ["active", "active"],
    ["trialing", "trialing"],
    ["past_due", "pastDue"],
    ["unpaid", "pastDue"],
  ] as const)("counts what is %s as %s, and nowhere else", (status, group) => {
    const seen = only({ status });
    const groups = { active: seen?.active, trialing: seen?.trialing, pastDue: seen?.pastDue };
    expect(groups).toEqual({
      ...{ active: none, trialing: none, pastDue: none },
      [group]: { subscriptions: 1, monthlyCents: 2999 },
    });
  });

  it.each(["canceled", "incomplete", "incomplete_expired", "paused"])("counts what is %s as nobody's", (status) => {
    expect(only({ status })).toMatchObject({ active: none, trialing: none, pastDue: none, bundles: [] });
  });

  it("leaves out what was given back, whatever Stripe says of it still", () => {
    expect(revenue({ isTakenBack: true }, { isTakenBack: true, status: "canceled", endedAt: now }).currencies).toEqual(
      [],
    );
  });

  it("leaves out what it does not know the price of", () => {
    expect(revenue({ monthlyCents: undefined }, { currency: undefined }).currencies).toEqual([]);
  });

  it("never adds amounts of different currencies; what brings most comes first", () => {
    const { currencies } = revenue(
      { monthlyCents: 100 },
      { monthlyCents: 500_000, currency: "jpy" },
      { monthlyCents: 50 },
    );
    expect(currencies.map(({ currency, active }) => [currency, active])).toEqual([
      ["jpy", { subscriptions: 1, monthlyCents: 500_000 }],
      ["usd", { subscriptions: 2, monthlyCents: 150 }],
    ]);
  });

  it("says what of it is going to end", () => {
    const seen = only({}, { endsAt: now + 1, monthlyCents: 10 }, { endsAt: now, status: "trialing" });
    expect(seen?.ending).toEqual({ subscriptions: 1, monthlyCents: 10 });
    expect(seen?.active.subscriptions).toBe(2);
  });

  it("begins a month with its first millisecond, by UTC", () => {
    const seen = only(
      ...[NOVEMBER - 1, NOVEMBER, now].map((startedAt) => ({ startedAt, monthlyCents: 1 })),
      ...[NOVEMBER - 1, NOVEMBER].map((endedAt) => ({ status: "canceled", endedAt, monthlyCents: 100 })),
    );
    expect(seen?.newThisMonth).toEqual({ subscriptions: 2, monthlyCents: 2 });
    expect(seen?.lostThisMonth).toEqual({ subscriptions: 1, monthlyCents: 100 });
  });

  it("counts who came and went in one month as both, and who never paid as neither", () => {
    const seen = only(
      { status: "canceled", startedAt: NOVEMBER, endedAt: now },
      { status: "incomplete_expired", startedAt: NOVEMBER, endedAt: now },
    );
    expect([seen?.newThisMonth.subscriptions, seen?.lostThisMonth.subscriptions]).toEqual([1, 1]);
  });

  it("sums what is owed", () => {
    const behind = { status: "past_due", openInvoices: 2, openCents: 5998 };
    expect(only(behind, { ...behind, openInvoices: 1, openCents: 2 }, {})?.openInvoices).toEqual({
      ...{ invoices: 3, cents: 6000 },
    });
  });

  it("puts add-ons to their bundle, tiers together, and calls what is not sold any more by its id", () => {
    const seen = only(
      { prices: ["addon_bookstack", "bundle_starter_t2", "storage_s"], monthlyCents: 5 },
      { prices: ["bundle_starter_t1"], monthlyCents: 6 },
      { prices: ["bundle_old_style_t3"], monthlyCents: 20 },
      { prices: ["addon_bookstack"], monthlyCents: 1 },
    );
    expect(seen?.bundles).toEqual([
      { bundle: "old_style", title: "old_style", subscriptions: 1, monthlyCents: 20 },
      { bundle: "starter", title: "Starter", subscriptions: 2, monthlyCents: 11 },
      { bundle: "other", title: "other", subscriptions: 1, monthlyCents: 1 },
    ]);
    expect(seen?.bundles.reduce((sum, { monthlyCents }) => sum + monthlyCents, 0)).toBe(seen?.active.monthlyCents);
  });
});

describe("metered usage", () => {
  const used = (purchase: string, value: number, over: Partial<NoticeFacts> = {}): NoticeFacts => ({
    ...{ purchase, at: now, isSent: true, body: { kind: "usage", meter: "llm_tokens", value } },
    ...over,
  });
  const usageIn = (...notices: NoticeFacts[]) => revenueOf([], { bundleTitles, notices, now }).usage;

  it("is summed by its meter, since the first of the month", () => {
    const disk = { body: { kind: "usage", meter: "extra_gb", value: 0.5 } } as const;
    const before = { at: NOVEMBER - 1 };
    expect(usageIn(used("a", 3), used("a", 4), used("b", 5), used("c", 0, disk), used("a", 100, before))).toEqual([
      { meter: "extra_gb", value: 0.5, purchases: 1, untold: 0 },
      { meter: "llm_tokens", value: 12, purchases: 2, untold: 0 },
    ]);
  });

  it("says what Stripe has not been told yet, and counts no credits", () => {
    const credit = { body: { kind: "credit", cents: 500, reason: "sorry" } } as const;
    expect(usageIn(used("a", 3, { isSent: false }), used("a", 4), used("a", 0, credit))).toEqual([
      { meter: "llm_tokens", value: 7, purchases: 1, untold: 3 },
    ]);
  });
});
