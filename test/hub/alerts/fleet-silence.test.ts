import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { fleetSilence } from "#hub/alerts/fleet-silence.ts";
import { FleetAlert } from "#shared/api/alerts.ts";
import { until } from "../provisioning/until.ts";
import type { TestLink } from "../test-agent.ts";
import type { TestClient } from "../test-client.ts";
import { startTestHub, type TestBeacon, type TestHub } from "../test-hub.ts";

describe("the share of a fleet that fell silent together", () => {
  const at = 100 * 60_000;
  const online = { isOnline: true, since: at };
  const silent = (minutesAgo: number) => ({ isOnline: false, since: at - minutesAgo * 60_000 });

  it.each([
    ["nobody", [online, online, online, online, online], 0],
    ["two of five", [online, online, online, silent(1), silent(2)], 40],
    ["all", [silent(1), silent(1), silent(2), silent(3), silent(9)], 100],
    ["those who were silent long before do not count", [online, online, online, online, silent(1), silent(60)], 20],
    [
      "nor does one of whom nothing can be said",
      [online, online, online, online, silent(1), { ...online, isOnline: false, since: undefined }],
      20,
    ],
  ])("%s", (_, beacons, percent) => {
    expect(fleetSilence(beacons, { at, since: at })).toEqual({ fleet_silent_percent: percent });
  });

  it("is not told of few, and stays as long as it lasts", () => {
    expect(fleetSilence([silent(1), silent(1), silent(1), silent(1)], { at, since: at })).toEqual({});
    const long = Array.from({ length: 5 }, () => silent(50));
    expect(fleetSilence(long, { at, since: at })).toEqual({});
    expect(fleetSilence(long, { at, since: at - 49 * 60_000 })).toEqual({ fleet_silent_percent: 100 });
  });
});

describe("a hub that its fleet cannot reach", () => {
  let hub: TestHub;
  let operator: TestClient;
  let beacons: TestBeacon[];
  let links: TestLink[];
  beforeEach(async () => {
    hub = await startTestHub({}, { sweepMs: 20 });
    operator = await hub.operator();
    beacons = [];
    for (let number = 0; number < 6; number++) beacons.push(await hub.enrolled(`beacon-${number}`));
    links = await Promise.all(beacons.map((beacon) => beacon.connect()));
    // Past the time that agents have to come back after a start.
    hub.advance(100_000);
  });
  afterEach(async () => {
    await Promise.all(links.map((link) => link.close()));
    await hub.stop();
  });

  const Firing = z.object({ firing: z.array(FleetAlert) });
  const History = z.object({ history: z.array(FleetAlert) });
  const firing = async () =>
    Firing.parse((await operator.get("/api/alerts")).body)
      .firing.map(({ beacon, event }) => `${beacon === "hub" ? "hub" : "beacon"} ${event.rule}`)
      .toSorted();
  const untilFiring = (...wanted: string[]) => until(firing, (seen) => seen.join() === wanted.join());
  const sweeps = async () => {
    for (let times = 0; times < 10; times++) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  it("says so once, holds what is told of single beacons, and gives them time to come back", async () => {
    await sweeps();
    for (const link of links) await link.close();
    await until(
      () => hub.db.selectFrom("hub_alert").select("beacon").where("beacon", "=", "hub").execute(),
      (rows) => rows.length === 1,
    );
    expect(await firing()).toEqual([]);
    hub.advance(61_000);
    await untilFiring("hub fleet-silent");
    // As long as it lasts, also beyond the time within which they fell silent.
    hub.advance(60 * 60_000);
    await sweeps();
    expect(await firing()).toEqual(["hub fleet-silent"]);

    links = await Promise.all(beacons.slice(1).map((beacon) => beacon.connect()));
    await untilFiring();
    await sweeps();
    expect(await firing()).toEqual([]);
    hub.advance(100_000);
    await untilFiring("beacon offline");
    const { history } = History.parse((await operator.get("/api/alerts/history")).body);
    expect(history.map(({ beacon, event }) => [beacon === "hub", event.kind, event.rule])).toEqual([
      [false, "fired", "offline"],
      [true, "resolved", "fleet-silent"],
      [true, "fired", "fleet-silent"],
    ]);
  });

  it("knows it still when it was started anew", async () => {
    await sweeps();
    for (const link of links) await link.close();
    await until(
      () => hub.db.selectFrom("hub_alert").select("beacon").where("beacon", "=", "hub").execute(),
      (rows) => rows.length === 1,
    );
    hub.advance(61_000);
    await untilFiring("hub fleet-silent");
    await hub.restart();
    hub.advance(200_000);
    await sweeps();
    expect(await firing()).toEqual(["hub fleet-silent"]);
  });

  it("tells of one that goes while the others are there", async () => {
    await sweeps();
    await links[0]?.close();
    await sweeps();
    hub.advance(130_000);
    await untilFiring("beacon offline");
  });
});
