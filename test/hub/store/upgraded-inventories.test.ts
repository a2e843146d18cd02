import { sql } from "kysely";
import { Migrator } from "kysely/migration";
import { expect, test } from "vitest";
import { createBeaconStore } from "#hub/store/beacons.ts";
import { openDatabase } from "#hub/store/database.ts";
import { migrate } from "#hub/store/migrate.ts";
import * as inventories from "#hub/store/migrations/0016-inventories.ts";
import { inventoryOf } from "../test-agent.ts";

test("what ran on a beacon is known still when it has got a table of its own", async () => {
  const db = openDatabase(":memory:");
  await migrate(db);
  // As it was before.
  await sql`drop table beacon_inventory`.execute(db);
  await sql`alter table beacon add column inventory_json text`.execute(db);
  const inventory = inventoryOf("ada.localhost");
  const beacons = createBeaconStore(db, () => 1);
  for (const [id, json] of [["bcn_1", JSON.stringify(inventory)] as const, ["bcn_2", null] as const]) {
    const beacon = { name: id, domain: `${id}.localhost`, email: "ada@example.org", provider: "local", createdAt: 1 };
    await beacons.insert({ id, ...beacon });
    await sql`update beacon set inventory_json = ${json} where id = ${id}`.execute(db);
  }
  const again = { migrationTableName: "again", migrationLockTableName: "again_lock" };
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => ({ inventories }) },
    ...again,
  }).migrateUp();
  expect(error).toBeUndefined();
  expect((await beacons.list()).map((beacon) => beacon.inventory)).toEqual([inventory, undefined]);
  await beacons.update("bcn_2", { inventory });
  expect(await beacons.get("bcn_2")).toMatchObject({ inventory });
  await db.destroy();
});
