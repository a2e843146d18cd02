import { describe, expect, test } from "vitest";
import { alertsByBeacon, countFleet, formatFleetView, listFleet, parseFleetView } from "#hub/console/fleet-view.ts";
import type { BeaconSummary } from "#shared/api/hub.ts";
import { rowsWithin } from "#ui/components/virtual-list.tsx";
import { fixtureEvent } from "./fixture-alerting.ts";

const beacon = (name: string, changes: Partial<BeaconSummary> = {}): BeaconSummary => ({
  ...{ id: `bcn_${name}`, name, domain: `${name}.example.org`, email: `${name}@Example.org`, provider: "local" },
  ...{ online: true, createdAt: 1, lastSeenAt: 5, instances: 1, degraded: 0 },
  ...changes,
});
const fleet = [
  beacon("ada", { cpuPercent: 20 }),
  beacon("bob", { online: false }),
  beacon("cyd", { cpuPercent: 90, degraded: 1, provider: "far" }),
  beacon("dan", { online: false, lastSeenAt: undefined }),
  beacon("eve", { cpuPercent: 20 }),
];
const alerts = alertsByBeacon([{ beacon: "bcn_eve", event: fixtureEvent({ severity: "critical" }) }]);
const names = (query: string) =>
  listFleet(fleet, parseFleetView(query), alerts)
    .map(({ name }) => name)
    .join(" ");

describe("how the fleet is listed", () => {
  test.each(["", "q=a+b", "show=offline&provider=far&sort=-cpu", "sort=-name", "sort=seen"])(
    "stands in the address: %s",
    (query) => expect(formatFleetView(parseFleetView(query))).toBe(query),
  );

  test.each(["show=none", "sort=luck", "sort=--cpu"])("is as usual where that makes no sense: %s", (query) => {
    expect(formatFleetView(parseFleetView(query)).replace("sort=-name", "")).toBe("");
  });

  test.each([
    ["", "ada bob cyd dan eve"],
    ["sort=-name", "eve dan cyd bob ada"],
    ["sort=-cpu", "cyd ada eve bob dan"],
    ["sort=cpu", "ada eve cyd bob dan"],
    ["sort=-status", "bob eve cyd dan ada"],
    ["show=online", "ada cyd eve"],
    ["show=offline", "bob"],
    ["show=new", "dan"],
    ["show=degraded", "cyd"],
    ["show=alerts", "eve"],
    ["provider=far", "cyd"],
    ["q=EVE@example", "eve"],
    ["q=nobody", ""],
  ])("%s shows %s", (query, shown) => expect(names(query)).toBe(shown));

  test("is counted as each filter would show it", () => {
    expect(countFleet(fleet, alerts)).toEqual({ all: 5, online: 3, offline: 1, new: 1, degraded: 1, alerts: 1 });
  });
});

describe("the rows that are there", () => {
  test.each([
    ["at the top", 100, 0, 17],
    ["in the middle", -62_000 / 2, 494, 519],
    ["at the end", -62_000 + 800, 981, 1000],
    ["far beyond the end", -1e9, 999, 1000],
    ["before it is reached", 5_000, 0, 1],
  ])("%s", (_, top, first, last) => {
    const rows = rowsWithin(top, 800, 62, 1000);
    expect(rows.first).toBe(first);
    expect(rows.last).toBeGreaterThanOrEqual(Math.min(last, 1000));
    expect(rows.last - rows.first).toBeLessThan(40);
  });

  test("are none of none", () => expect(rowsWithin(100, 800, 62, 0)).toEqual({ first: 0, last: 0 }));
});
