import { describe, expect, it } from "vitest";
import { Problem } from "#shared/problem.ts";
import {
  atStripe,
  beacon,
  DAY_MS,
  found,
  GRACE_MS,
  HOUR_MS,
  JUST_NOW,
  job,
  LATE_MS,
  LONG_AGO,
  NOW,
  order,
  paid,
  plan,
  provider,
  subscription,
  vps,
} from "./scenes.ts";

const stripeIsAway = new Problem("billing_unavailable", "Stripe does not answer: 503");
const cancelled = job({ state: "CANCELLED" });

describe("a refund", () => {
  const called = { ...paid, takeBackSince: LONG_AGO };

  it("that is begun and not done is owed, and tried again", () => {
    const [finding] = plan({
      beacons: [],
      orders: [order({ job: cancelled, payment: called })],
      providers: [],
      stripe: [],
    });
    expect(finding).toMatchObject({
      ...{
        id: "refund-owed:purchase_ada",
        subject: "purchase_ada",
        source: "books",
        monthlyCents: 2999,
        currency: "usd",
      },
      ...{ title: "What was paid for ada is not given back to ada@example.org" },
      fix: { kind: "take-back", purchase: "purchase_ada" },
    });
  });

  it.each([
    ["was done", { ...called, takenBackAt: LONG_AGO }, cancelled, []],
    ["was begun just now", { ...called, takeBackSince: JUST_NOW }, cancelled, []],
    ["was never begun, though the order is cancelled", paid, cancelled, ["refund-owed purchase_ada !"]],
    [
      "waits for the rest of a job that is taken back",
      paid,
      job({ state: "CANCELLED", finishedAt: undefined }),
      ["refund-owed purchase_ada !"],
    ],
    [
      "is of an order cancelled just now",
      paid,
      job({ state: "CANCELLED", enteredAt: JUST_NOW, finishedAt: JUST_NOW }),
      [],
    ],
    ["is of an order that was never paid", { ...paid, paidAt: undefined }, cancelled, []],
    ["is of an order without a price", undefined, cancelled, []],
  ])("that %s", (_title, payment, its, expected) => {
    const orders = [order({ payment, job: its, subscription: undefined })];
    expect(found({ beacons: [], orders, providers: [], stripe: [] })).toEqual(expected);
  });

  it("is owed whether Stripe answers or not", () => {
    const orders = [order({ job: cancelled, payment: called })];
    expect(found({ beacons: [], orders, providers: [], stripe: stripeIsAway })).toEqual([
      ...["refund-owed purchase_ada !", "unreachable stripe"],
    ]);
  });
});

describe("a customer who pays", () => {
  it.each([
    [
      "and whose job has failed",
      job({ state: "FAILED", finishedAt: NOW - HOUR_MS }),
      ["customer-without-server purchase_ada"],
    ],
    ["and whose job has failed just now", job({ state: "FAILED", finishedAt: JUST_NOW }), []],
    [
      "and whose job takes longer than was promised",
      job({ state: "CONFIGURING_DNS", finishedAt: undefined }),
      ["customer-without-server purchase_ada"],
    ],
    [
      "and whose job has its time still",
      job({ state: "CONFIGURING_DNS", finishedAt: undefined, createdAt: NOW - LATE_MS + 1 }),
      [],
    ],
    ["and is served", job(), []],
  ])("%s", (_title, its, expected) => {
    expect(found({ orders: [order({ job: its, payment: { ...paid, paidAt: its.createdAt } })] })).toEqual(expected);
  });

  it("is told apart by what is paid for, and what that is", () => {
    const [finding] = plan({ orders: [order({ job: job({ state: "FAILED" }) })] });
    expect(finding).toMatchObject({
      monthlyCents: 2999,
      currency: "usd",
      beacon: "beacon_ada",
      purchase: "purchase_ada",
    });
    expect(finding?.fix).toBeUndefined();
  });

  it.each([
    ["deleted", beacon({ removedAt: LONG_AGO }), "active", ["customer-without-server purchase_ada"]],
    ["deleted, and the subscription ended", beacon({ removedAt: LONG_AGO }), "canceled", []],
    ["deleted just now", beacon({ removedAt: JUST_NOW }), "active", []],
    ["detached by its owner", beacon({ removedAt: LONG_AGO, leftAt: LONG_AGO }), "active", []],
  ])("for a beacon that is %s", (_title, its, status, expected) => {
    const orders = [order({ subscription: subscription({ status }) })];
    expect(found({ beacons: [its], orders, providers: [], stripe: [] })).toEqual(expected);
    const unasked = found({ beacons: [its], orders, providers: [], stripe: stripeIsAway });
    expect(unasked).toEqual(["unreachable stripe"]);
  });

  it("for a beacon that has left, and whose job is forgotten, is known by its name", () => {
    const left = beacon({ removedAt: LONG_AGO, leftAt: LONG_AGO });
    expect(found({ beacons: [left], orders: [order({ job: undefined })], providers: [] })).toEqual([]);
    expect(found({ beacons: [], orders: [order({ job: undefined })], providers: [] })).toEqual([
      "customer-without-server purchase_ada",
    ]);
  });

  it("for a beacon that is being deleted is no finding yet", () => {
    const beacons = [beacon({ removedAt: LONG_AGO })];
    expect(found({ beacons, providers: [], busy: ["beacon_ada"] })).toEqual([]);
  });
});

describe("a beacon that is not what is paid for", () => {
  const problem = new Problem("disk_full", "ada holds 60 GB, and the tier has 40", {
    hint: "Delete something on it.",
  }).toJSON();
  const behindFor = (ms: number) => ({ behind: { since: NOW - ms, problem } });

  it("is found after two hours, with what is in the way", () => {
    expect(plan({ orders: [order({ subscription: subscription(behindFor(2 * HOUR_MS)) })] })).toEqual([
      {
        ...{ id: "beacon-behind:purchase_ada", kind: "beacon-behind", subject: "purchase_ada", source: "books" },
        ...{ purchase: "purchase_ada", beacon: "beacon_ada", monthlyCents: 2999, currency: "usd" },
        title: "ada is not what ada@example.org pays for",
        detail: expect.stringMatching(/by 2026-11-21, and .* could not be: ada holds 60 GB, and the tier has 40\.$/),
        hint: expect.stringMatching(/^Delete something on it\. The hub tries again/),
      },
    ]);
  });

  it("is none while its provider may only be away", () => {
    expect(found({ orders: [order({ subscription: subscription(behindFor(2 * HOUR_MS - 1)) })] })).toEqual([]);
  });

  it("matters less than that nobody pays, or that there is none", () => {
    const behind = behindFor(LATE_MS);
    const over = subscription({ ...behind, status: "canceled", endedAt: LONG_AGO });
    expect(found({ orders: [order({ subscription: over })], stripe: [] })).toEqual(["server-unpaid purchase_ada"]);
    const gone = { orders: [order({ subscription: subscription(behind) })], beacons: [] };
    expect(found({ ...gone, providers: [] })).toEqual(["customer-without-server purchase_ada"]);
  });
});

describe("a server for which nobody pays", () => {
  const after = NOW - GRACE_MS;

  it("is found when its time is over, with what it costs us", () => {
    const orders = [order({ subscription: subscription({ status: "canceled", endedAt: after }) })];
    const [finding] = plan({ orders, stripe: [] });
    expect(finding).toMatchObject({
      ...{
        id: "server-unpaid:purchase_ada",
        source: "stripe",
        beacon: "beacon_ada",
        monthlyCents: 449,
        currency: "EUR",
      },
    });
    expect(finding?.detail).toContain("ended on 2026-10-14");
  });

  it.each([
    ["ended, and has its time still", { status: "canceled", endedAt: after + 1 }, []],
    [
      "has been unpaid for longer than that",
      { status: "past_due", pastDueSince: after },
      ["server-unpaid purchase_ada"],
    ],
    ["is unpaid for less", { status: "past_due", pastDueSince: after + 1 }, []],
    ["is paid", {}, []],
  ])("whose subscription %s", (_title, over, expected) => {
    const parts = { orders: [order({ subscription: subscription(over) })] };
    expect(found(parts)).toEqual(expected);
    expect(found({ ...parts, busy: ["beacon_ada"] })).toEqual([]);
    expect(found({ ...parts, stripe: stripeIsAway })).toEqual(["unreachable stripe"]);
    expect(found({ ...parts, beacons: [beacon({ removedAt: LONG_AGO })], providers: [], stripe: [] })).not.toContain(
      "server-unpaid purchase_ada",
    );
  });

  it("because all was given back is found, once nothing works on it any more", () => {
    const payment = { ...paid, takeBackSince: LONG_AGO, takenBackAt: LONG_AGO };
    const ended = { payment, subscription: subscription({ status: "canceled" }) };
    expect(found({ orders: [order(ended)], stripe: [] })).toEqual(["server-unpaid purchase_ada"]);
    expect(found({ orders: [order({ ...ended, job: job({ finishedAt: undefined }) })], stripe: [] })).toEqual([]);
    const justNow = { ...ended, payment: { ...payment, takenBackAt: JUST_NOW } };
    expect(found({ orders: [order(justNow)], stripe: [] })).toEqual([]);
  });

  it("is none where it has no price", () => {
    expect(found({ orders: [order({ payment: undefined, subscription: undefined })], stripe: [] })).toEqual([]);
  });
});

describe("a subscription at Stripe", () => {
  it.each([
    [
      "of an order that this hub does not know is another's, maybe",
      atStripe({ id: "sub_x", purchase: "purchase_x" }),
      ["unknown-subscription sub_x"],
    ],
    ["that is the second of an order is charged twice", atStripe({ id: "sub_2" }), ["orphan-subscription sub_2"]],
    ["that is the second of an order, and not paid, is nothing", atStripe({ id: "sub_2", status: "incomplete" }), []],
    ["that has just been begun may be on its way into the books", atStripe({ id: "sub_2", createdAt: JUST_NOW }), []],
  ])("%s", (_title, second, expected) => {
    expect(found({ stripe: [atStripe(), second] })).toEqual(expected);
  });

  it("of which the books know nothing is paid for nothing", () => {
    const orders = [
      order({ payment: { ...paid, paidAt: undefined, subscription: undefined }, subscription: undefined }),
    ];
    const [finding] = plan({ orders });
    expect(finding).toMatchObject({ kind: "orphan-subscription", subject: "sub_ada", purchase: "purchase_ada" });
    expect(finding?.detail).toContain("not in the books");
  });

  it.each(["active", "trialing", "past_due", "unpaid"])("that is %s of what was taken back is ended", (status) => {
    const payment = { ...paid, takeBackSince: LONG_AGO, takenBackAt: LONG_AGO };
    const parts = { beacons: [], providers: [], orders: [order({ job: cancelled, payment })] };
    const [finding] = plan({ ...parts, stripe: [atStripe({ status })] });
    expect(finding).toMatchObject({
      ...{ id: "orphan-subscription:sub_ada", source: "stripe", monthlyCents: 2999, currency: "usd" },
      fix: { kind: "take-back", purchase: "purchase_ada" },
    });
    const justNow = { ...parts, orders: [order({ job: cancelled, payment: { ...payment, takenBackAt: JUST_NOW } })] };
    expect(found({ ...justNow, stripe: [atStripe({ status })] })).toEqual([]);
  });

  it("is not looked for where nothing is sold", () => {
    expect(found({ stripe: undefined })).toEqual([]);
  });
});

describe("what Stripe is to be told", () => {
  const notice = {
    id: "usage:1",
    purchase: "purchase_ada",
    kind: "usage",
    at: NOW,
    isGivenUp: false,
    problem: undefined,
  };
  const problem = {
    code: "conflict",
    message: "whether it arrived is not known",
    hint: "Look at the customer.",
  } as const;

  it("is found when it was given up, with what to do", () => {
    expect(plan({ notices: [{ ...notice, isGivenUp: true, problem }] })).toMatchObject([
      {
        ...{ id: "notice-untold:usage:1", purchase: "purchase_ada", hint: "Look at the customer." },
        title: "Usage of ada may not have reached Stripe",
        detail: "It is of 2026-11-21. Whether it arrived is not known.",
      },
    ]);
  });

  it("that was given up is not shown for ever: the hub does not know whether somebody has looked", () => {
    const old = { ...notice, isGivenUp: true, at: NOW - 60 * DAY_MS };
    expect(found({ notices: [old] })).toEqual([]);
    expect(found({ notices: [{ ...old, isGivenUp: false }] })).toEqual(["notice-untold usage:1"]);
  });

  it("is found when it waits for a day, and not before", () => {
    expect(found({ notices: [{ ...notice, kind: "credit", at: NOW - DAY_MS }] })).toEqual(["notice-untold usage:1"]);
    expect(found({ notices: [{ ...notice, at: NOW - DAY_MS + 1 }] })).toEqual([]);
  });
});

describe("mails that nobody takes", () => {
  const unsent = { recipient: "ada@example.org", count: 1, subject: "Your beacon ada is ready", since: NOW - HOUR_MS };

  it("are one finding for each who should have them, after an hour", () => {
    const others = { recipient: "bob@example.org", count: 3, subject: "Sign in", since: NOW - 6 * DAY_MS };
    expect(plan({ mails: [unsent, others] })).toMatchObject([
      {
        ...{ id: "mail-unsent:ada@example.org", title: "A mail to ada@example.org does not go out" },
        detail: "“Your beacon ada is ready” since 2026-11-21.",
      },
      {
        ...{ id: "mail-unsent:bob@example.org", title: "3 mails to bob@example.org do not go out" },
        detail: "“Sign in”, and others, since 2026-11-15.",
      },
    ]);
    expect(found({ mails: [{ ...unsent, since: unsent.since + 1 }] })).toEqual([]);
  });

  it("are not shown for ever", () => {
    expect(found({ mails: [{ ...unsent, since: NOW - 60 * DAY_MS }] })).toEqual([]);
  });
});

describe("who does not answer", () => {
  const away = new Problem("provider_unavailable", "Hetzner does not answer", { hint: "Wait." });

  it("is a finding, and says nothing of what it has", () => {
    const [finding, ...others] = plan({ providers: [provider("hetzner", away)] });
    expect(finding).toMatchObject({
      ...{ id: "unreachable:hetzner", kind: "unreachable", provider: "hetzner", source: "books", hint: "Wait." },
    });
    expect(finding?.detail).toContain("Hetzner does not answer");
    expect(others).toEqual([]);
  });

  it("is also one whose credentials are gone, while there are beacons", () => {
    expect(found({ providers: [] })).toEqual(["unreachable hetzner"]);
    expect(found({ providers: [], beacons: [beacon({ removedAt: LONG_AGO })], stripe: [], orders: [] })).toEqual([]);
  });

  it("keeps nobody else from being compared", () => {
    const providers = [provider("hetzner", away), provider("linode", [vps("9", "beacon_x")])];
    expect(found({ providers })).toEqual(["unknown-vps 9", "unreachable hetzner"]);
  });
});
