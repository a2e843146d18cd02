import type { Kysely } from "kysely";

/** What customers buy in the shop: a purchase holds its name from the moment it is made. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("purchase").addColumn("sale_json", "text").execute();
  await db.schema.alterTable("purchase").addColumn("approved_at", "bigint").execute();
  await db.schema.createIndex("purchase_beacon_name").on("purchase").column("beacon_name").execute();
}
