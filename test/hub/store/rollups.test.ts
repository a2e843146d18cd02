import { afterAll, beforeAll, expect, it } from "vitest";
import { createBeaconStore } from "#hub/store/beacons.ts";
import { type Database, openDatabase } from "#hub/store/database.ts";
import { migrate } from "#hub/store/migrate.ts";
import { createRollupStore } from "#hub/store/rollups.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = 100 * DAY_MS;

let db: Database;
beforeAll(async () => {
  db = openDatabase(":memory:");
  await migrate(db);
  const beacon = { name: "ada", domain: "ada.localhost", email: "a@example.org", provider: "local", createdAt: 0 };
  await createBeaconStore(db, () => NOW).insert({ id: "bcn_12345678", ...beacon });
});
afterAll(() => db.destroy());

it("keeps each resolution for its time, and forgets the rest", async () => {
  const rollups = createRollupStore(db);
  const ages = [0, 2 * HOUR_MS, 2 * DAY_MS, 40 * DAY_MS];
  const samples = ages.map((age) => ({ at: NOW - age, values: { cpu_percent: 1 } }));
  expect(await rollups.add("bcn_12345678", samples)).toBe(4);
  await rollups.prune(NOW);
  const count = async (stepMs: number) =>
    (await rollups.list({ beacon: "bcn_12345678", stepMs, from: 0, to: NOW })).length;
  expect([await count(10_000), await count(60_000), await count(600_000)]).toEqual([1, 2, 3]);
});

it("takes nothing in of a batch for a beacon that does not exist", async () => {
  const rollups = createRollupStore(db);
  const before = await db.selectFrom("rollup").selectAll().execute();
  await expect(rollups.add("bcn_unknown-1", [{ at: NOW, values: {} }])).rejects.toThrow();
  expect(await db.selectFrom("rollup").selectAll().execute()).toEqual(before);
});

it("takes an empty batch in", async () => {
  expect(await createRollupStore(db).add("bcn_12345678", [])).toBe(0);
});
