import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AlertsView } from "#shared/api/alerts.ts";
import { until } from "../provisioning/until.ts";
import type { TestClient } from "../test-client.ts";
import { startTestHub, type TestBeacon, type TestHub } from "../test-hub.ts";

const MINUTE_MS = 60_000;

let hub: TestHub;
let operator: TestClient;
let beacon: TestBeacon;
beforeEach(async () => {
  hub = await startTestHub({}, { sweepMs: 20 });
  operator = await hub.operator();
  beacon = await hub.enrolled("ada");
});
afterEach(() => hub.stop());

const view = async () => AlertsView.parse((await operator.get(`/api/beacons/${beacon.enrolment.beacon}/alerts`)).body);
const said = async () => (await view()).history.map(({ kind, rule }) => `${kind} ${rule}`);
const untilSaid = (...wanted: string[]) => until(said, (seen) => seen.join() === wanted.join());
/** Returns when the hub has looked at all beacons twice: each time it finds that something else, of one that is there, is over. */
const settle = async () => {
  const canary = await hub.enrolled(`canary-${hub.now()}`);
  const link = await canary.connect();
  const { beacon: id } = canary.enrolment;
  const alert = { rule: "gone", subject: "", phase: "firing", since: 1, seenAt: 1, firedAt: 1, value: 1 };
  for (const round of [1, 2]) {
    const row = { beacon: id, rule: "gone", subject: "", alert_json: JSON.stringify({ ...alert, firedAt: round }) };
    await hub.db.insertInto("hub_alert").values(row).execute();
    await until(
      () => hub.db.selectFrom("hub_alert").selectAll().where("beacon", "=", id).execute(),
      (rows) => rows.length === 0,
    );
  }
  await link.close();
  await hub.beacons.remove(id);
};

describe("a beacon of which nothing is heard", () => {
  it("is told of after two minutes, once, and its return as well", async () => {
    const link = await beacon.connect();
    hub.advance(5 * MINUTE_MS);
    await settle();
    expect(await said()).toEqual([]);
    await link.close();
    hub.advance(MINUTE_MS);
    expect(await said()).toEqual([]);
    hub.advance(2 * MINUTE_MS);
    await untilSaid("fired offline");
    expect((await operator.get("/api/alerts")).body).toMatchObject({
      firing: [{ beacon: beacon.enrolment.beacon, event: { rule: "offline", severity: "critical" } }],
    });
    hub.advance(60 * MINUTE_MS);
    const back = await beacon.connect();
    await untilSaid("resolved offline", "fired offline");
    expect((await view()).firing).toEqual([]);
    await back.close();
  });

  it("is given time to come back when the hub itself was away", async () => {
    const link = await beacon.connect();
    await link.close();
    await hub.halt();
    hub.advance(60 * MINUTE_MS);
    await hub.restart();
    await settle();
    hub.advance(80_000);
    await settle();
    expect(await said()).toEqual([]);
    const back = await beacon.connect();
    hub.advance(10 * MINUTE_MS);
    await settle();
    expect(await said()).toEqual([]);
    await back.close();
  });

  it("is not told of again because the hub was started anew", async () => {
    await (await beacon.connect()).close();
    hub.advance(3 * MINUTE_MS);
    await untilSaid("fired offline");
    await hub.restart();
    hub.advance(100_000);
    await settle();
    expect(await said()).toEqual(["fired offline"]);
    const back = await beacon.connect();
    await untilSaid("resolved offline", "fired offline");
    await back.close();
  });

  it.each(["before", "after"] as const)(
    "is told of when the hub's clock was set back by hours %s it went",
    async (when) => {
      const link = await beacon.connect();
      await settle();
      if (when === "after") await link.close();
      hub.advance(-6 * 60 * MINUTE_MS);
      await settle();
      expect(await said()).toEqual([]);
      await link.close();
      hub.advance(4 * MINUTE_MS);
      await untilSaid("fired offline");
      const back = await beacon.connect();
      await untilSaid("resolved offline", "fired offline");
      await back.close();
    },
  );

  it("stays told of when the hub's clock is set back, and is until it is back", async () => {
    await (await beacon.connect()).close();
    hub.advance(3 * MINUTE_MS);
    await untilSaid("fired offline");
    hub.advance(-6 * 60 * MINUTE_MS);
    await settle();
    hub.advance(10 * MINUTE_MS);
    await settle();
    expect(await said()).toEqual(["fired offline"]);
    const back = await beacon.connect();
    // By its time the end was before the beginning now.
    await until(said, (seen) => seen.toSorted().join() === "fired offline,resolved offline");
    await back.close();
  });

  it("is nobody's business once it has left the fleet", async () => {
    await (await beacon.connect()).close();
    hub.advance(3 * MINUTE_MS);
    await untilSaid("fired offline");
    await hub.beacons.remove(beacon.enrolment.beacon);
    expect((await operator.get("/api/alerts")).body).toEqual({ firing: [] });
  });
});
