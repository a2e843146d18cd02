import { describe, expect, test } from "vitest";
import {
  boughtWords,
  countSubscriptions,
  formatFilter,
  isThreat,
  listSubscriptions,
  offersOf,
  parseFilter,
  standingOf,
  sumOf,
} from "#hub/console/sales/subscription-words.ts";
import type { SubscriptionView } from "#shared/api/billing.ts";
import { parseMoney } from "#shared/money.ts";
import { FixtureSales, fillSales } from "./fixture-sales.ts";

const sales = new FixtureSales();
fillSales(sales);
const { subscriptions, prices } = sales.view;

describe("what is subscribed to", () => {
  test("reads as people call it, the bundle first, and by its key when it is not sold any more", () => {
    expect(boughtWords(["addon_umami", "storage_plus", "bundle_old_t1", "addon_bookstack"], prices)).toEqual([
      "bundle_old_t1",
      "BookStack",
      "Umami",
      "200 GB of storage",
    ]);
  });

  test("costs the sum of what is sold", () => {
    expect(sumOf(["bundle_starter_t2", "addon_umami", "addon_gone"], prices)).toBe(5299);
    expect(sumOf([], prices)).toBe(0);
  });

  test("is offered by kinds", () => {
    const { bundles, addOns, storage } = offersOf(prices);
    expect(bundles.map(({ key }) => key)).toEqual(["bundle_starter_t1", "bundle_starter_t2"]);
    expect(addOns.map(({ title }) => title)).toEqual(["BookStack", "Umami"]);
    expect(storage).toHaveLength(1);
  });
});

describe("subscriptions", () => {
  const names = (query: string) => listSubscriptions(subscriptions, parseFilter(query)).map(({ id }) => id);

  test("come with those first whose beacon is lost if nobody does anything", () => {
    expect(names("")).toEqual(["sub_2", "sub_5", "sub_1", "sub_3", "sub_4"]);
  });

  test("are each of one kind", () => {
    expect(names("?show=active")).toEqual(["sub_1"]);
    expect(names("?show=trial")).toEqual(["sub_3"]);
    expect(names("?show=late")).toEqual(["sub_2"]);
    expect(names("?show=ending")).toEqual(["sub_4"]);
    expect(names("?show=ended")).toEqual(["sub_5"]);
    const counts = (["active", "trial", "late", "ending", "ended"] as const).map((one) =>
      countSubscriptions(subscriptions, one),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(countSubscriptions(subscriptions, "all"));
  });

  test("are found by beacon, customer, purchase, id and what was bought", () => {
    expect(names("?search=BEACON-3")).toEqual(["sub_3"]);
    expect(names("?search=pur_00000004")).toEqual(["sub_4"]);
    expect(names("?search=storage_plus")).toEqual(["sub_1"]);
    expect(names("?show=late&search=beacon-3")).toEqual([]);
  });

  test("have an address for how they are looked at", () => {
    const view = { filter: "late", search: "a b&c" } as const;
    expect(parseFilter(`?${formatFilter(view)}`)).toEqual(view);
    expect(parseFilter("?show=nothing")).toEqual({ filter: "all", search: "" });
    expect(formatFilter({ filter: "all", search: "" })).toBe("");
  });

  test.each<[Partial<SubscriptionView>, string]>([
    [{ status: "active" }, "Active"],
    [{ status: "active", endsAt: 1 }, "Cancelled"],
    [{ status: "past_due", endsAt: 1 }, "Past due"],
    [{ status: "canceled" }, "Ended"],
    [{ status: "something_new" }, "something_new"],
  ])("that are %j are %j", (changed, word) => {
    expect(standingOf({ status: "active", ...changed }).word).toBe(word);
  });

  test("threaten only with what takes the beacon away", () => {
    expect(subscriptions.filter(({ next }) => next !== undefined && isThreat(next)).map(({ id }) => id)).toEqual([
      "sub_2",
      "sub_5",
    ]);
  });
});

test.each([
  ["5", "usd", 500],
  [" 5.5 ", "eur", 550],
  ["0,05", "eur", 5],
  ["500", "jpy", 500],
  ["5.5", "jpy", undefined],
  ["1.005", "usd", undefined],
  ["1,000.00", "usd", undefined],
  ["-5", "usd", undefined],
  ["", "usd", undefined],
  ["1e3", "usd", undefined],
])("%j in %s is %j of the smallest unit", (text, currency, cents) => {
  expect(parseMoney(text, currency)).toBe(cents);
});
