import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createBeaconStore } from "#hub/store/beacons.ts";
import { type Database, openDatabase } from "#hub/store/database.ts";
import { migrate } from "#hub/store/migrate.ts";
import { createRollupStore, type RollupStore } from "#hub/store/rollups.ts";
import { mergeRollups, resolutions, rollupOf } from "#shared/metrics/rollup.ts";
import type { Rollup, Sample } from "#shared/metrics/sample.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const NOW = 100 * DAY_MS;
const ADA = "bcn_12345678";
const BOB = "bcn_87654321";

let db: Database;
let rollups: RollupStore;
beforeEach(async () => {
  db = openDatabase(":memory:");
  await migrate(db);
  for (const [id, name] of [
    [ADA, "ada"],
    [BOB, "bob"],
  ] as const) {
    const beacon = { name, domain: `${name}.localhost`, email: "a@example.org", provider: "local", createdAt: 0 };
    await createBeaconStore(db, () => NOW).insert({ id, ...beacon });
  }
  rollups = createRollupStore(db, 0);
});
afterEach(() => db.destroy());

const cpu = (at: number, percent: number): Sample => ({ at, values: { cpu_percent: percent } });
const all = (stepMs: number, beacon = ADA) => rollups.list({ beacon, stepMs, from: 0, to: NOW + DAY_MS });

/** What a resolution has to say of samples, by the definition of a roll-up. */
function expected(samples: readonly Sample[], stepMs: number): Rollup[] {
  const spans = new Map<number, Rollup>();
  for (const sample of samples.toSorted((a, b) => a.at - b.at)) {
    const span = rollupOf(sample, stepMs);
    const known = spans.get(span.at);
    spans.set(span.at, known === undefined ? span : mergeRollups(known, span));
  }
  return [...spans.values()];
}

const sums = (points: readonly Rollup[]) =>
  points.map(({ at, values }) => ({
    at,
    values: Object.fromEntries(
      Object.entries(values).map(([name, [min, mean, max, count]]) => [
        name,
        [min, Number(mean.toPrecision(5)), max, count],
      ]),
    ),
  }));

describe("a day of samples", () => {
  const samples = Array.from({ length: 400 }, (_sample, index) => ({
    at: NOW + index * 10_000,
    values: {
      cpu_percent: (index * 37) % 100,
      ...(index % 3 === 0 ? { "disk///used_bytes": 1e12 + index * 1e6 } : {}),
    },
  }));

  it.each([
    ["before anything is rolled up", []],
    ["after some of it is", [NOW + 30 * MINUTE_MS]],
    ["after all of it is, several times", [NOW + 20 * MINUTE_MS, NOW + 2 * HOUR_MS, NOW + 2 * HOUR_MS]],
  ])("has its spans %s", async (_when, moments) => {
    for (const sample of samples) await rollups.add(ADA, [sample]);
    for (const moment of moments) await rollups.rollUp(moment);
    for (const { stepMs } of resolutions) expect(sums(await all(stepMs))).toEqual(sums(expected(samples, stepMs)));
  });

  it("has the same whatever came late, in what order, and how often", async () => {
    const shuffled = samples.toSorted((a, b) => ((a.at * 7919) % 1009) - ((b.at * 7919) % 1009));
    for (let from = 0; from < shuffled.length; from += 40) {
      await rollups.add(ADA, shuffled.slice(from, from + 60));
      await rollups.rollUp(NOW + 2 * HOUR_MS);
    }
    for (const { stepMs } of resolutions) expect(sums(await all(stepMs))).toEqual(sums(expected(samples, stepMs)));
  });
});

describe("what was taken in before", () => {
  it("counts once", async () => {
    expect(await rollups.add(ADA, [cpu(NOW, 1), cpu(NOW, 1)])).toBe(1);
    expect(await rollups.add(ADA, [cpu(NOW, 1), cpu(NOW + 10_000, 3)])).toBe(1);
    expect(await all(MINUTE_MS)).toEqual([{ at: NOW, values: { cpu_percent: [1, 2, 3, 2] } }]);
  });

  it("counts once also when the fine rows are long forgotten", async () => {
    const samples = [0, 1, 2, 3, 4, 5].map((index) => cpu(NOW + index * 10_000, index));
    await rollups.add(ADA, samples);
    await rollups.prune(NOW + 3 * HOUR_MS);
    const minutes = await all(MINUTE_MS);
    expect(minutes).toMatchObject([{ values: { cpu_percent: [0, 2.5, 5, 6] } }]);
    await rollups.add(ADA, samples.slice(0, 4));
    await rollups.rollUp(NOW + 3 * HOUR_MS);
    expect(await all(MINUTE_MS)).toEqual(minutes);
  });
});

describe("keeping and forgetting", () => {
  it("keeps each resolution for its time", async () => {
    const ages = [0, 2 * HOUR_MS, 2 * DAY_MS, 40 * DAY_MS];
    expect(
      await rollups.add(
        ADA,
        ages.map((age) => cpu(NOW - age, 1)),
      ),
    ).toBe(4);
    await rollups.prune(NOW + 30 * MINUTE_MS);
    const counts = await Promise.all(resolutions.map(async ({ stepMs }) => (await all(stepMs)).length));
    expect(counts).toEqual([1, 2, 3]);
  });

  it("gives the newest sample in the digits it came with", async () => {
    expect(await rollups.newest(ADA)).toBeUndefined();
    const values = { cpu_percent: 12.34, memory_total_bytes: 8_246_177_792, load_1: 0.07, negative: -273.15 };
    await rollups.add(ADA, [{ at: NOW, values }, cpu(NOW - 10_000, 99)]);
    const newest = await rollups.newest(ADA);
    expect(newest).toMatchObject({ at: NOW, values: { cpu_percent: 12.34, load_1: 0.07, negative: -273.15 } });
    expect(newest?.values.memory_total_bytes).toBeCloseTo(8_246_177_792, -4);
  });

  it("has an end also for what is too large", async () => {
    await rollups.add(ADA, [{ at: NOW, values: { huge: 1e300, small: -1e300 } }]);
    expect(JSON.stringify((await rollups.newest(ADA))?.values)).toBe('{"huge":3.402823e+38,"small":-3.402823e+38}');
  });
});

describe("many at once", () => {
  it("keeps each beacon's own", async () => {
    const batches = Array.from(
      { length: 50 },
      (_batch, index) => [index % 2 === 0 ? ADA : BOB, cpu(NOW + index * 10_000, index)] as const,
    );
    const added = await Promise.all(batches.map(([beacon, sample]) => rollups.add(beacon, [sample])));
    expect(added.reduce((sum, count) => sum + count)).toBe(50);
    expect((await all(10_000, ADA)).map(({ values }) => values.cpu_percent?.[1])).toEqual(
      batches.flatMap(([beacon, { values }]) => (beacon === ADA ? values.cpu_percent : [])),
    );
  });

  it("takes nothing of a batch for a beacon that does not exist, and all of the others", async () => {
    const outcomes = await Promise.allSettled([
      rollups.add(ADA, [cpu(NOW, 1)]),
      rollups.add("bcn_unknown-1", [cpu(NOW, 1), cpu(NOW + 1, 2)]),
      rollups.add(BOB, [cpu(NOW, 1)]),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect([await all(10_000, ADA), await all(10_000, BOB)]).toMatchObject([[{ at: NOW }], [{ at: NOW }]]);
    const rows = await db.selectFrom("rollup").select("beacon").distinct().execute();
    expect(rows.map(({ beacon }) => beacon).sort()).toEqual([ADA, BOB]);
  });

  it("goes on without a beacon that was taken out of the store, whatever waited of it", async () => {
    await rollups.add(ADA, [cpu(NOW, 1)]);
    await rollups.add(BOB, [cpu(NOW, 2)]);
    await db.deleteFrom("beacon").where("id", "=", ADA).execute();
    await rollups.flush().catch(() => undefined);
    expect(await rollups.add(BOB, [cpu(NOW, 2), cpu(NOW + 10_000, 3)])).toBe(1);
    await rollups.flush();
    expect(await all(10_000, BOB)).toHaveLength(2);
    await expect(rollups.add(ADA, [cpu(NOW, 1)])).rejects.toMatchObject({ code: "not_found" });
  });

  it("takes an empty batch", async () => {
    expect(await rollups.add(ADA, [])).toBe(0);
  });
});

describe("ten minutes of long ago", () => {
  const TEN_MS = 10 * MINUTE_MS;
  const samples = Array.from({ length: 55 }, (_sample, index) => cpu(NOW - DAY_MS + index * 10_000, index));
  const rows = () =>
    db.selectFrom("rollup").select(["at"]).where("beacon", "=", ADA).where("step_ms", "=", TEN_MS).execute();
  beforeEach(async () => {
    for (const sample of samples) await rollups.add(ADA, [sample]);
  });

  it("are not made again and again while more of them comes, and are shown all the same", async () => {
    for (let times = 0; times < 3; times++) {
      await rollups.rollUp(NOW);
      expect(await rows()).toEqual([]);
      await rollups.add(ADA, [cpu(NOW - DAY_MS + (55 + times) * 10_000, 1)]);
    }
    expect((await all(TEN_MS)).map(({ values }) => values.cpu_percent?.[3])).toEqual([58]);
  });

  it("are made as soon as something later came", async () => {
    await rollups.add(ADA, [cpu(NOW - DAY_MS + TEN_MS, 1), cpu(NOW - DAY_MS + TEN_MS + MINUTE_MS, 1)]);
    await rollups.rollUp(NOW);
    expect(await rows()).toEqual([{ at: NOW - DAY_MS }]);
  });

  it("are made when nothing more comes", async () => {
    for (let times = 0; times < 5; times++) await rollups.rollUp(NOW);
    expect(await rows()).toEqual([{ at: NOW - DAY_MS }]);
  });
});

it("makes ten minutes of a large fleet in several turns, the oldest first, and all of them before anything is forgotten", async () => {
  const made = async () =>
    (
      await db
        .selectFrom("rollup")
        .select("at")
        .where("step_ms", "=", 10 * MINUTE_MS)
        .orderBy("at")
        .execute()
    ).map(({ at }) => at);
  const moments = Array.from({ length: 450 }, (_moment, index) => NOW - 4 * DAY_MS + index * 10 * MINUTE_MS);
  await rollups.add(
    ADA,
    moments.map((at) => cpu(at, 1)),
  );
  await rollups.add(ADA, [cpu(NOW, 1)]);
  await rollups.flush();
  await rollups.rollUp(NOW);
  expect(await made()).toEqual(moments.slice(0, 200));
  await rollups.prune(NOW);
  expect(await made()).toEqual(moments);
});

it("goes on in another process, with the names it gave the series", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wopr-rollups-"));
  const file = join(folder, "hub.sqlite");
  try {
    for (const [index, percent] of [1, 3].entries()) {
      const opened = openDatabase(file);
      await migrate(opened);
      const beacon = { name: "ada", domain: "ada.localhost", email: "a@example.org", provider: "local", createdAt: 0 };
      if (index === 0) await createBeaconStore(opened, () => NOW).insert({ id: ADA, ...beacon });
      const store = createRollupStore(opened, 0);
      await store.add(ADA, [{ at: NOW + index * 10_000, values: { [`new_${index}`]: 1, cpu_percent: percent } }]);
      const [point] = await store.list({ beacon: ADA, stepMs: MINUTE_MS, from: NOW, to: NOW + MINUTE_MS });
      if (index === 1)
        expect(point?.values).toEqual({ new_0: [1, 1, 1, 1], cpu_percent: [1, 2, 3, 2], new_1: [1, 1, 1, 1] });
      await opened.destroy();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
