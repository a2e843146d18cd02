import { describe, expect, it } from "vitest";
import { planItems } from "#hub/billing/plan-items.ts";
import { planSync, syncStepWords } from "#hub/billing/plan-sync.ts";
import { paidSessionOf } from "#hub/billing/session.ts";
import { noteOf } from "#hub/billing/webhook.ts";

describe("planItems", () => {
  const present = [
    { id: "si_1", key: "bundle_starter_t1" },
    { id: "si_2", key: "addon_bookstack" },
  ];

  it("changes nothing that is as it should be", () => {
    expect(planItems(present, ["addon_bookstack", "bundle_starter_t1"])).toEqual([]);
    expect(planItems(present, ["addon_bookstack", "bundle_starter_t1", "addon_bookstack"])).toEqual([]);
  });

  it("puts another tier in the place of the former one", () => {
    expect(planItems(present, ["bundle_starter_t2", "addon_bookstack"])).toEqual([
      { id: "si_1", key: "bundle_starter_t2" },
    ]);
  });

  it("adds and drops add-ons beside it", () => {
    expect(planItems(present, ["bundle_starter_t1", "addon_n8n", "storage_100"])).toEqual([
      { id: "si_2", deleted: true },
      { key: "addon_n8n" },
      { key: "storage_100" },
    ]);
  });
});

describe("planSync", () => {
  const wanted = [{ key: "addon_n8n", title: "n8n", priceCents: 499 }];
  const price = { id: "price_1", product: "addon_n8n", key: "addon_n8n", cents: 499, currency: "usd", isMonthly: true };
  const products = [{ id: "addon_n8n", name: "n8n", isActive: true }];

  it("tells in words what it would do", () => {
    expect(planSync(wanted, "usd", { products: [], prices: [] }).map(syncStepWords)).toEqual([
      "add addon_n8n: n8n",
      "sell addon_n8n for 4.99 USD a month",
    ]);
    const dearer = planSync([{ key: "addon_n8n", title: "N8N", priceCents: 599 }], "usd", {
      products,
      prices: [price],
    });
    expect(dearer.map(syncStepWords)).toEqual([
      "call addon_n8n: N8N",
      "sell addon_n8n for 5.99 USD a month from now on, not 4.99 USD",
      "no longer sell addon_n8n at price_1; who has it keeps it",
    ]);
    expect(planSync([], "usd", { products, prices: [price] }).map(syncStepWords)).toEqual(["no longer sell addon_n8n"]);
  });

  it.each([
    { what: "another currency", has: { ...price, currency: "eur" } },
    { what: "another span", has: { ...price, isMonthly: false } },
    { what: "no key", has: { ...price, key: undefined } },
  ])("takes a price with $what for another one", ({ has }) => {
    const kinds = planSync(wanted, "usd", { products, prices: [has] }).map(({ kind }) => kind);
    expect(kinds).toEqual(["price.create", "price.retire"]);
  });

  it("retires what a run left behind that was killed", () => {
    const left = { ...price, id: "price_0", key: undefined };
    expect(planSync(wanted, "usd", { products, prices: [price, left] })).toEqual([
      { kind: "price.retire", key: "addon_n8n", price: "price_0" },
    ]);
  });
});

describe("paidSessionOf", () => {
  const session = {
    ...{ object: "checkout.session", id: "cs_1", status: "complete", payment_status: "paid" },
    ...{ client_reference_id: "purchase_1", subscription: "sub_1", customer: "cus_1" },
  };
  const told = (change: Record<string, unknown>) => paidSessionOf({ data: { object: { ...session, ...change } } });
  const paid = { state: "paid", purchase: "purchase_1", subscription: "sub_1", customer: "cus_1" };

  it("is what an event says of a checkout that is paid, or has nothing to pay yet", () => {
    expect(told({})).toEqual(paid);
    expect(told({ payment_status: "no_payment_required" })).toEqual(paid);
  });

  it("is nothing where it may become something else, or where anything is missing", () => {
    const others = [
      { status: "open" },
      { status: "expired" },
      { payment_status: "unpaid" },
      { payment_status: "something_new" },
      { object: "subscription" },
      { client_reference_id: null },
      { subscription: null },
      { customer: null },
    ];
    for (const change of others) expect(told(change)).toBeUndefined();
    expect(paidSessionOf({})).toBeUndefined();
  });
});

describe("noteOf", () => {
  const event = (object: Record<string, unknown>) => ({ id: "evt_1", type: "x", created: 5, data: { object } });

  it("says which object to look at", () => {
    expect(noteOf(event({ object: "checkout.session", id: "cs_1" })).target).toBe("session cs_1");
    expect(noteOf(event({ object: "subscription", id: "sub_1" })).target).toBe("subscription sub_1");
    const parent = { subscription_details: { subscription: "sub_2" } };
    expect(noteOf(event({ object: "invoice", id: "in_1", parent })).target).toBe("subscription sub_2");
    expect(noteOf(event({ object: "invoice", id: "in_1", parent: null })).target).toBeUndefined();
    expect(noteOf(event({ object: "customer", id: "cus_1" }))).toEqual({
      ...{ id: "evt_1", type: "x", target: undefined, createdAt: 5000 },
    });
  });

  it("refuses what is no event", () => {
    expect(() => noteOf({ id: "evt_1" })).toThrow("the event is not valid");
  });
});
