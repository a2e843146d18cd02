import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MetricsView } from "#shared/api/beacon.ts";
import type { Sample } from "#shared/metrics/sample.ts";
import { inventoryOf, type TestLink } from "../test-agent.ts";
import { startTestHub, type TestBeacon, type TestHub } from "../test-hub.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

let beacons = 0;
const online = async () => {
  const beacon = await hub.enrolled(`beacon-${++beacons}`);
  return { beacon, link: await beacon.connect() };
};
const report = async (link: TestLink, samples: Sample[]) => {
  link.send({ type: "metrics", samples });
  await link.take("ack");
};
const metrics = async ({ enrolment }: TestBeacon, from: number, to: number) => {
  const path = `/api/beacons/${enrolment.beacon}/metrics?from=${from}&to=${to}`;
  return MetricsView.parse((await (await hub.operator()).get(path)).body);
};
/** The start of a span of ten minutes that is over. */
const past = () => hub.now() - (hub.now() % (10 * MINUTE_MS)) - 10 * MINUTE_MS;

describe("samples", () => {
  it("are kept at three resolutions", async () => {
    const { beacon, link } = await online();
    const at = past();
    const samples = Array.from({ length: 60 }, (_, nth) => ({ at: at + nth * 10_000, values: { cpu_percent: nth } }));
    await report(link, samples.slice(0, 25));
    await report(link, samples.slice(25));

    const fine = await metrics(beacon, at, at + 10 * MINUTE_MS - 1);
    expect([fine.resolution, fine.points.length]).toEqual(["10s", 60]);
    expect(fine.points[3]).toEqual({ at: at + 30_000, values: { cpu_percent: [3, 3, 3, 1] } });
    const middle = await metrics(beacon, at - 2 * HOUR_MS, at + 10 * MINUTE_MS - 1);
    expect([middle.resolution, middle.points.length]).toEqual(["1m", 10]);
    expect(middle.points[0]).toEqual({ at, values: { cpu_percent: [0, 2.5, 5, 6] } });
    const coarse = await metrics(beacon, at - 2 * DAY_MS, at + 10 * MINUTE_MS - 1);
    expect(coarse.points).toEqual([{ at, values: { cpu_percent: [0, 29.5, 59, 60] } }]);
  });

  it("count once, however often they come, in whatever order", async () => {
    const { beacon, link } = await online();
    const at = past();
    const samples = [0, 1, 2, 3].map((nth) => ({ at: at + nth * 10_000, values: { cpu_percent: nth } }));
    await report(link, [...samples].reverse());
    await report(link, samples);
    await report(link, [...samples, ...samples]);
    const { points } = await metrics(beacon, at - 2 * DAY_MS, at + MINUTE_MS);
    expect(points).toEqual([{ at, values: { cpu_percent: [0, 1.5, 3, 4] } }]);
  });

  it("of one span of ten seconds make one point", async () => {
    const { beacon, link } = await online();
    const at = past();
    await report(
      link,
      [2, 9].map((second) => ({ at: at + second * 1000, values: { load_1: second } })),
    );
    expect((await metrics(beacon, at, at + MINUTE_MS)).points).toEqual([{ at, values: { load_1: [2, 5.5, 9, 2] } }]);
  });

  it("from a clock that is wrong are left out, and the others are not", async () => {
    const { beacon, link } = await online();
    const at = past();
    const values = { cpu_percent: 1 };
    await report(link, [
      { at: hub.now() + DAY_MS, values },
      { at: hub.now() - 60 * DAY_MS, values },
      { at, values },
    ]);
    const { points } = await metrics(beacon, hub.now() - 60 * DAY_MS, hub.now() + DAY_MS);
    expect(points).toHaveLength(1);
    expect((await (await hub.operator()).get("/metrics")).body).toMatch(/wopr_samples_total\{outcome="refused"\} 2/);
  });

  it("say in the fleet's list how a beacon does, while they are fresh", async () => {
    const { beacon, link } = await online();
    const values = {
      cpu_percent: 42,
      memory_used_bytes: 1,
      memory_total_bytes: 4,
      "disk///used_bytes": 9,
      "disk///total_bytes": 10,
    };
    await report(link, [{ at: hub.now(), values }]);
    const list = async () => (await (await hub.operator()).get("/api/beacons")).body;
    const { beacon: id } = beacon.enrolment;
    const fresh = expect.objectContaining({ id, online: true, cpuPercent: 42, memoryPercent: 25, diskPercent: 90 });
    expect(await list()).toMatchObject({ beacons: expect.arrayContaining([fresh]) });
    hub.advance(2 * MINUTE_MS);
    expect(JSON.stringify(await list())).not.toContain('"cpuPercent":42');
  });
});

describe("an inventory", () => {
  it("replaces the one before, and survives a restart", async () => {
    const { beacon, link } = await online();
    const path = `/api/beacons/${beacon.enrolment.beacon}/overview`;
    for (const agentVersion of ["1.2.3", "1.2.4"]) {
      link.send({ type: "inventory", inventory: { ...inventoryOf("x.localhost"), agentVersion } });
      await link.take("ack");
    }
    await hub.restart();
    expect((await (await hub.operator()).get(path)).body).toMatchObject({
      online: false,
      agentVersion: "1.2.4",
      inventory: { agentVersion: "1.2.4" },
    });
  });
});
