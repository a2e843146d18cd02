import { describe, expect, it } from "vitest";
import type { Machine, Subscription } from "#hub/providers/hostinger/answers.ts";
import { type Marker, markerNameOf, markerOf, openOf, outcomeOf } from "#hub/providers/hostinger/marker.ts";

const at = (ms: number) => new Date(ms).toISOString();
const labels = { "wopr-beacon": "beacon_0123456789abcdef", "wopr-round": "0" };
const marker: Marker = { script: 1, labels, region: "fra", plan: "KVM 2", since: 1000 };
const other: Marker = { ...marker, script: 2, labels: { ...labels, "wopr-beacon": "beacon_fedcba9876543210" } };

const machine = (over: Partial<Machine> = {}): Machine => ({
  ...{ id: 7, plan: "KVM 2", hostname: "srv7.hstgr.cloud", state: "initial", created_at: at(2000) },
  ...{ subscription_id: "s7", ...over },
});
const subscription = (over: Partial<Subscription> = {}): Subscription => ({
  ...{ id: "s7", name: "KVM 2", status: "active", is_auto_renewed: true, created_at: at(2000), ...over },
});
const outcome = (machines: Machine[], subscriptions: Subscription[] = [], open = [marker]) =>
  outcomeOf({ machines, subscriptions, open }, marker);

describe("the marker of an order", () => {
  it("says in its name for what it is", () => {
    const name = markerNameOf({ labels, region: "fra", size: "KVM 2" });
    expect(markerOf({ id: 1, name, created_at: at(1000) })).toEqual(marker);
  });

  it.each([["my script"], ["wopr-r0-0123456789abcdef"], ["wopr-cancelled-r0-0123456789abcdef fra KVM 2"]])(
    "is not the script %s",
    (name) => {
      expect(markerOf({ id: 1, name, created_at: at(1000) })).toBeUndefined();
    },
  );

  it("is open until its machine has its name", () => {
    const named = machine({ hostname: "wopr-r0-0123456789abcdef.wopr.internal" });
    expect(openOf([marker, other], [machine()])).toEqual([marker, other]);
    expect(openOf([marker, other], [named])).toEqual([other]);
  });
});

describe("what became of an order", () => {
  it("is a machine of its plan that was bought since and has no name", () => {
    expect(outcome([machine()])).toEqual({ kind: "bare", machine: machine() });
  });

  it.each([
    ["was bought before", machine({ created_at: at(999) })],
    ["is of another plan", machine({ plan: "KVM 4" })],
    ["is set up", machine({ state: "running" })],
    ["is another order's", machine({ hostname: "wopr-r0-fedcba9876543210.wopr.internal" })],
  ])("is no machine that %s", (_why, one) => {
    expect(outcome([one])).toEqual({ kind: "nothing" });
  });

  it("is not clear where there are two machines, or two orders of that plan", () => {
    expect(outcome([machine(), machine({ id: 8 })])).toMatchObject({ kind: "unclear" });
    expect(outcome([machine()], [], [marker, other])).toMatchObject({ kind: "unclear" });
    expect(outcome([machine()], [], [marker, { ...other, plan: "KVM 4" }])).toMatchObject({ kind: "bare" });
  });

  it("is on its way while there is a subscription without a machine", () => {
    expect(outcome([], [subscription()])).toEqual({ kind: "on its way" });
  });

  it.each([
    ["has a machine", subscription({ id: "s9" })],
    ["began before", subscription({ created_at: at(999) })],
    ["ends", subscription({ is_auto_renewed: false })],
    ["is for another plan", subscription({ name: "KVM 1" })],
  ])("is no subscription that %s", (_why, one) => {
    expect(outcome([machine({ subscription_id: "s9", state: "running" })], [one])).toEqual({ kind: "nothing" });
  });
});
