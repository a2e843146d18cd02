import type { Kysely } from "kysely";

/** What beacons say of times in which they measured nothing, and what a store elsewhere has not got yet; `hub/store/schema.ts` says what the columns mean. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("gap")
    .addColumn("beacon", "text", (column) => column.notNull().references("beacon.id"))
    .addColumn("from_at", "bigint", (column) => column.notNull())
    .addColumn("to_at", "bigint", (column) => column.notNull())
    .addColumn("reason", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("gap_key", ["beacon", "from_at"])
    .execute();

  await schema
    .createTable("remote_write_due")
    .addColumn("beacon", "text", (column) => column.notNull())
    .addColumn("step_ms", "integer", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("remote_write_due_key", ["beacon", "step_ms", "at"])
    .execute();
  await schema.createIndex("remote_write_due_oldest").on("remote_write_due").column("at").execute();
}
