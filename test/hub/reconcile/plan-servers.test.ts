import { describe, expect, it } from "vitest";
import type { BookedBeacon, BookedJob } from "#hub/reconcile/scene.ts";
import { jobStates } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import {
  beacon,
  DAY_MS,
  found,
  HOUR_MS,
  JUST_NOW,
  job,
  LONG_AGO,
  NOW,
  order,
  plan,
  provider,
  subscription,
  vps,
} from "./scenes.ts";

const without = { payment: undefined, subscription: undefined };
/** An order without a price: what is said of customers is tested elsewhere. */
const ordered = (over: Partial<BookedJob> = {}) => [order({ ...without, job: job(over) })];
const cancelled = { state: "CANCELLED" } as const;
const at = (...ids: readonly string[]) => [
  provider(
    "hetzner",
    ids.map((id) => vps(id)),
  ),
];

describe("servers", () => {
  it("are as they should be when there is one for each beacon", () => {
    expect(found()).toEqual([]);
  });

  it("of a cancelled order are left over, whether the beacon was ever entered or not", () => {
    const [finding] = plan({ beacons: [], orders: ordered(cancelled), stripe: undefined });
    expect(finding).toMatchObject({
      ...{ id: "orphan-vps:hetzner/1", kind: "orphan-vps", subject: "1", source: "hetzner", provider: "hetzner" },
      ...{ purchase: "purchase_ada", beacon: "beacon_ada", monthlyCents: 449, currency: "EUR" },
      fix: { kind: "remove-vps", provider: "hetzner", vps: "1" },
    });
    expect(finding?.hint).toContain("removes it");
    const removed = [beacon({ removedAt: LONG_AGO })];
    expect(found({ beacons: removed, orders: ordered(cancelled), stripe: undefined })).toEqual(["orphan-vps 1 !"]);
  });

  it("of a deleted beacon are left over", () => {
    const removed = [beacon({ removedAt: NOW - DAY_MS })];
    expect(found({ beacons: removed, orders: ordered(), stripe: undefined })).toEqual(["orphan-vps 1 !"]);
    const [finding] = plan({ beacons: removed, orders: ordered(), stripe: undefined });
    expect(finding?.detail).toBe("The beacon was deleted on 2026-11-20. HETZNER has the server 1 all the same.");
  });

  it("are told to be paid for until the end of the month where they cannot be deleted", () => {
    const providers = [provider("contabo", [vps("1")], true)];
    const [finding] = plan({ beacons: [], orders: ordered(cancelled), providers, stripe: undefined });
    expect(finding?.hint).toContain("paid for until the month is over");
  });

  it("that cost nobody knows what are listed all the same", () => {
    const providers = [provider("hetzner", [{ ...vps("1"), size: "cx22" }])];
    const [finding] = plan({ beacons: [], orders: ordered(cancelled), providers, stripe: undefined });
    expect(finding).toMatchObject({ kind: "orphan-vps" });
    expect(finding).not.toHaveProperty("monthlyCents");
  });

  it.each([
    ["of a beacon that this hub does not know are another's, maybe", {}, ["unknown-vps 9"]],
    [
      "of one that has left are its owner's",
      { beacons: [beacon(), beacon({ id: "beacon_x", name: "x", removedAt: LONG_AGO, leftAt: LONG_AGO })] },
      [],
    ],
    [
      "of one that is being changed are left alone",
      { beacons: [beacon(), beacon({ id: "beacon_x", name: "x", removedAt: LONG_AGO })], busy: ["beacon_x"] },
      [],
    ],
    [
      "of one that was deleted just now are left alone",
      { beacons: [beacon(), beacon({ id: "beacon_x", name: "x", removedAt: JUST_NOW })] },
      [],
    ],
    [
      "of one that was deleted are left over",
      { beacons: [beacon(), beacon({ id: "beacon_x", name: "x", removedAt: LONG_AGO })] },
      ["orphan-vps 9 !"],
    ],
  ])("%s", (_title, parts, expected) => {
    expect(found({ ...parts, providers: [provider("hetzner", [vps("1"), vps("9", "beacon_x")])] })).toEqual(expected);
  });

  it.each([
    ["has just been cancelled", { ...cancelled, finishedAt: JUST_NOW }, []],
    ["is being taken back", { ...cancelled, finishedAt: undefined, enteredAt: NOW - HOUR_MS }, []],
    [
      "cannot be taken back for a day",
      { ...cancelled, finishedAt: undefined, enteredAt: NOW - DAY_MS },
      ["orphan-vps 1"],
    ],
    ["has failed an hour ago", { state: "FAILED", finishedAt: NOW - HOUR_MS }, []],
    ["has failed a day ago", { state: "FAILED", finishedAt: NOW - DAY_MS }, ["orphan-vps 1"]],
  ] as const)("of an order that %s", (_title, over, expected) => {
    expect(found({ orders: ordered(over), stripe: undefined })).toEqual(expected);
  });

  it("of one that has left cost us when its subscription is over", () => {
    const beacons = [beacon({ removedAt: LONG_AGO, leftAt: LONG_AGO, providerId: undefined })];
    const its = (endedAt: number | undefined) => [order({ job: undefined, subscription: subscription({ endedAt }) })];
    expect(found({ beacons, orders: its(LONG_AGO), stripe: [] })).toEqual(["server-unpaid 1"]);
    expect(plan({ beacons, orders: its(LONG_AGO), stripe: [] })).toMatchObject([
      { id: "server-unpaid:hetzner/1", monthlyCents: 449, purchase: "purchase_ada", source: "hetzner" },
    ]);
    for (const endedAt of [undefined, JUST_NOW])
      expect(found({ beacons, orders: its(endedAt), stripe: [] })).toEqual([]);
    expect(found({ beacons, orders: [order({ job: undefined, ...without })], stripe: [] })).toEqual([]);
  });

  it("of an order under way are none of its business, in whatever state, however old", () => {
    for (const state of jobStates) {
      const orders = ordered({ state, finishedAt: undefined, enteredAt: LONG_AGO });
      for (const beacons of [[], [beacon()], [beacon({ providerId: undefined })]]) {
        expect(found({ beacons, orders, stripe: undefined })).toEqual([]);
      }
    }
  });

  it("that are younger than what is known of their order are none, since the books are read last", () => {
    // Listed before its job was stored would be unknown; in the books, which came later, it is.
    expect(
      found({ beacons: [], orders: ordered({ state: "PENDING", finishedAt: undefined }), stripe: undefined }),
    ).toEqual([]);
  });
});

describe("a second server of a beacon", () => {
  const both = (second = vps("2")) => [provider("hetzner", [vps("1")]), provider("linode", [second])];

  it("at a provider that was passed over for its order is removed", () => {
    expect(found({ providers: both() })).toEqual(["duplicate-vps 2 !"]);
  });

  it("at its own provider is only listed: it may hold its data", () => {
    expect(found({ providers: at("1", "2") })).toEqual(["duplicate-vps 2"]);
  });

  it.each([
    [
      "its first one is gone",
      [provider("hetzner", []), provider("linode", [vps("2")])],
      job(),
      ["duplicate-vps 2", "beacon-without-vps beacon_ada"],
    ],
    [
      "the first provider does not answer",
      [provider("hetzner", new Problem("provider_unavailable", "no answer")), provider("linode", [vps("2")])],
      job(),
      ["duplicate-vps 2", "unreachable hetzner"],
    ],
    [
      "the books say nothing of its provider, since they are older than it",
      both(),
      job({ asked: ["hetzner"] }),
      ["duplicate-vps 2"],
    ],
    ["its order has failed", both(), job({ state: "FAILED", finishedAt: NOW - HOUR_MS }), ["duplicate-vps 2"]],
    ["its order is over just now", both(), job({ finishedAt: JUST_NOW }), []],
    ["its order is under way", both(), job({ state: "PROVISIONING_VPS", finishedAt: undefined }), []],
  ])("is not removed when %s", (_title, providers, its, expected) => {
    expect(found({ providers, orders: [order({ ...without, job: its })], stripe: undefined })).toEqual(expected);
  });

  it("is left alone while the beacon is being changed", () => {
    expect(found({ providers: both(), busy: ["beacon_ada"] })).toEqual([]);
  });
});

describe("a beacon whose server is gone", () => {
  it("is found", () => {
    const [finding] = plan({ providers: [provider("hetzner", [])] });
    expect(finding).toMatchObject({
      ...{ id: "beacon-without-vps:beacon_ada", subject: "beacon_ada", beacon: "beacon_ada", source: "hetzner" },
      ...{ purchase: "purchase_ada", title: "The server of ada is gone" },
    });
    expect(finding?.fix).toBeUndefined();
  });

  it.each([
    [
      "its provider did not answer",
      { providers: [provider("hetzner", new Problem("provider_unavailable", "no"))] },
      ["unreachable hetzner"],
    ],
    ["it never had one", { beacons: [beacon({ providerId: undefined })] }, []],
    ["it has left", { beacons: [beacon({ removedAt: LONG_AGO, leftAt: LONG_AGO })] }, []],
    ["it is being rebuilt", { busy: ["beacon_ada"] }, []],
    [
      "it is being made",
      { orders: ordered({ state: "WAITING_FOR_VPS", finishedAt: undefined }), stripe: undefined },
      [],
    ],
    ["it was made just now", { orders: ordered({ finishedAt: JUST_NOW }), stripe: undefined }, []],
  ])("is not when %s", (_title, parts, expected) => {
    expect(found({ providers: [provider("hetzner", [])], ...parts })).toEqual(expected);
  });
});

describe("in every combination", () => {
  const states = [...jobStates, "FAILED", "CANCELLED"] as const;
  const ends = [undefined, JUST_NOW, LONG_AGO];
  const books: readonly (Partial<BookedBeacon> | undefined)[] = [
    undefined,
    {},
    { providerId: undefined },
    { providerId: "7" },
    { provider: "linode", providerId: "3" },
    { removedAt: JUST_NOW },
    { removedAt: LONG_AGO },
    { removedAt: LONG_AGO, leftAt: LONG_AGO },
  ];

  it("only what nobody can want any more is removed", () => {
    let combinations = 0;
    let removals = 0;
    for (const state of states)
      for (const finishedAt of ends)
        for (const booked of books)
          for (const busy of [[], ["beacon_ada"]])
            for (const hasJob of [true, false]) {
              combinations += 1;
              const findings = plan({
                ...{ busy, stripe: undefined },
                beacons: booked === undefined ? [] : [beacon(booked)],
                orders: hasJob ? ordered({ state, finishedAt }) : [],
                providers: [provider("hetzner", [vps("1")]), provider("linode", [vps("3", "beacon_of_another_hub")])],
              });
              const removed = findings.flatMap(({ fix }) => (fix?.kind === "remove-vps" ? [fix.vps] : []));
              expect(removed).not.toContain("3");
              if (removed.length === 0) continue;
              removals += 1;
              const isOver = !hasJob || finishedAt === LONG_AGO;
              const isGone = booked?.removedAt === LONG_AGO && booked.leftAt === undefined;
              const neverWas = booked === undefined && hasJob && state === "CANCELLED";
              expect({
                state,
                finishedAt,
                booked,
                busy,
                hasJob,
                may: isOver && (isGone || neverWas) && busy.length === 0,
              }).toMatchObject({ may: true });
            }
    expect(combinations).toBe(states.length * ends.length * books.length * 4);
    // Gone: each state once, and each combination without a job; never entered: one state.
    expect(removals).toBe(states.length + states.length * ends.length + 1);
  });
});
