import type { Kysely } from "kysely";

/**
 * Samples come into a journal, whoever they are of, and are put in order later; `hub/store/schema.ts` says what the columns mean.
 * Rows of `rollup` are written in another way from here on, so that the ones from before go.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("series_layout")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("hash", "text", (column) => column.notNull().unique())
    .addColumn("series", "blob", (column) => column.notNull())
    .execute();
  await schema
    .createTable("sample_journal")
    .addColumn("number", "integer", (column) => column.primaryKey())
    .addColumn("samples", "blob", (column) => column.notNull())
    .execute();
  for (const name of ["rollup", "rollup_due"]) await schema.dropTable(name).execute();
  await schema
    .createTable("rollup")
    .addColumn("beacon", "text", (column) => column.notNull().references("beacon.id"))
    .addColumn("step_ms", "integer", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("span", "blob", (column) => column.notNull())
    .addPrimaryKeyConstraint("rollup_key", ["beacon", "step_ms", "at"])
    .execute();
  await schema
    .createTable("rollup_due")
    .addColumn("beacon", "text", (column) => column.notNull().references("beacon.id"))
    .addColumn("step_ms", "integer", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("rollup_due_key", ["beacon", "step_ms", "at"])
    .execute();
  await schema.createIndex("rollup_due_by_time").on("rollup_due").columns(["step_ms", "at"]).execute();
}
