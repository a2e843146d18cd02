import type { Vps } from "#hub/providers/provider.ts";
import { planFindings } from "#hub/reconcile/plan-findings.ts";
import type { PlannedFinding } from "#hub/reconcile/planned-finding.ts";
import type { AskedProvider, BookedBeacon, BookedJob, BookedNotice, BookedOrder, Scene } from "#hub/reconcile/scene.ts";
import { Problem } from "#shared/problem.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const ZONE = "beacons.example";
export const NOW = Date.UTC(2026, 10, 21, 12);
export const LONG_AGO = NOW - 90 * DAY_MS;
export const QUIET_MS = 10 * 60_000;
export const JUST_NOW = NOW - QUIET_MS + 1;
export const LATE_MS = 30 * HOUR_MS;
export const GRACE_MS = 38 * DAY_MS;

export const vps = (id: string, beacon = "beacon_ada"): Vps => ({
  ...{ id, labels: { "wopr-beacon": beacon, "wopr-round": "0" }, status: "active", address: "192.0.2.1" },
  ...{ dialsFrom: undefined, log: "its console", size: "cx23", region: "fsn1" },
});

export const provider = (name: string, answer: readonly Vps[] | Problem, rentsByTerm = false): AskedProvider => ({
  ...{ name, title: name.toUpperCase(), rentsByTerm },
  answer:
    answer instanceof Problem
      ? answer
      : { vpss: answer, costOf: ({ size }) => (size === "cx23" ? { monthlyCents: 449, currency: "EUR" } : undefined) },
});

export const beacon = (over: Partial<BookedBeacon> = {}): BookedBeacon => ({
  ...{ id: "beacon_ada", name: "ada", provider: "hetzner", providerId: "1" },
  ...{ domain: `ada.${ZONE}`, addresses: ["192.0.2.1"] },
  ...{ removedAt: undefined, leftAt: undefined, ...over },
});

export const job = (over: Partial<BookedJob> = {}): BookedJob => ({
  ...{ id: "job_ada", beacon: "beacon_ada", state: "COMPLETED" },
  ...{ createdAt: LONG_AGO, enteredAt: LONG_AGO, finishedAt: LONG_AGO, asked: ["linode", "hetzner"], ...over },
});

export const paid = { paidAt: LONG_AGO, takeBackSince: undefined, takenBackAt: undefined, subscription: "sub_ada" };

export const subscription = (over: Partial<NonNullable<BookedOrder["subscription"]>> = {}) => ({
  ...{ id: "sub_ada", status: "active", pastDueSince: undefined, endedAt: undefined },
  ...{ monthlyCents: 2999, currency: "usd", behind: undefined, ...over },
});

export const order = (over: Partial<BookedOrder> = {}): BookedOrder => ({
  ...{ purchase: "purchase_ada", beaconName: "ada", email: "ada@example.org" },
  ...{ job: job(), payment: paid, subscription: subscription(), ...over },
});

export const atStripe = (over: Partial<Extract<Scene["stripe"], readonly unknown[]>[number]> = {}) => ({
  ...{ id: "sub_ada", purchase: "purchase_ada", status: "active", createdAt: LONG_AGO },
  ...{ monthlyCents: 2999, currency: "usd", ...over },
});

export interface SceneParts {
  readonly beacons?: readonly BookedBeacon[];
  readonly orders?: readonly BookedOrder[];
  readonly busy?: readonly string[];
  readonly notices?: readonly BookedNotice[];
  readonly mails?: Scene["books"]["mails"];
  readonly providers?: readonly AskedProvider[];
  readonly dns?: Scene["dns"];
  readonly stripe?: Scene["stripe"];
}

/** A hub of one beacon with which all is well, but for what is said. */
export const scene = (parts: SceneParts = {}): Scene => ({
  books: {
    beacons: parts.beacons ?? [beacon()],
    orders: parts.orders ?? [order()],
    notices: parts.notices ?? [],
    mails: parts.mails ?? [],
    busy: new Set(parts.busy ?? []),
  },
  providers: parts.providers ?? [provider("hetzner", [vps("1")])],
  stripe: "stripe" in parts ? parts.stripe : [atStripe()],
  dns: parts.dns ?? [],
  zone: ZONE,
  now: NOW,
  quietMs: QUIET_MS,
  lateMs: LATE_MS,
  graceMs: GRACE_MS,
});

export const plan = (parts: SceneParts = {}): readonly PlannedFinding[] => planFindings(scene(parts)).findings;

/** Kind and subject of each, with a `!` behind what the hub puts right by itself. */
export const found = (parts: SceneParts = {}): string[] =>
  plan(parts).map(({ kind, subject, fix }) => `${kind} ${subject}${fix === undefined ? "" : " !"}`);
