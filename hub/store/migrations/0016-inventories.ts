import { type Kysely, sql } from "kysely";

/**
 * What runs on a beacon goes into a table of its own: it is thirty times as large as all else that is known of the beacon, and
 * would be read with it each time that all beacons are looked through, and written with it each minute.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("beacon_inventory")
    .addColumn("beacon", "text", (column) => column.primaryKey())
    .addColumn("inventory_json", "text", (column) => column.notNull())
    .execute();
  await sql`insert into beacon_inventory (beacon, inventory_json)
    select id, inventory_json from beacon where inventory_json is not null`.execute(db);
  await db.schema.alterTable("beacon").dropColumn("inventory_json").execute();
}
