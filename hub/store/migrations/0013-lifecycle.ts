import { type Kysely, sql } from "kysely";

/** Changes of beacons as a whole: suspended, resized, given to somebody else, deleted. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema.alterTable("beacon").addColumn("suspended_at", "bigint").execute();

  await schema
    .createTable("lifecycle_job")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("beacon", "text", (column) => column.notNull().references("beacon.id"))
    .addColumn("beacon_name", "text", (column) => column.notNull())
    .addColumn("change_json", "text", (column) => column.notNull())
    .addColumn("actor", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("step", "text", (column) => column.notNull())
    .addColumn("round", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("facts_json", "text", (column) => column.notNull().defaultTo("{}"))
    .addColumn("waiting_for", "text")
    .addColumn("problem_json", "text")
    .addColumn("attempts", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("wake_at", "bigint", (column) => column.notNull())
    .addColumn("entered_at", "bigint", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("finished_at", "bigint")
    .execute();
  // One at a time, whoever asks at the same moment.
  await schema
    .createIndex("lifecycle_job_open")
    .unique()
    .on("lifecycle_job")
    .column("beacon")
    .where(sql.ref("finished_at"), "is", null)
    .execute();
  await schema.createIndex("lifecycle_job_due").on("lifecycle_job").columns(["finished_at", "wake_at"]).execute();

  await schema
    .createTable("lifecycle_event")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("job", "text", (column) => column.notNull().references("lifecycle_job.id"))
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("step", "text", (column) => column.notNull())
    .addColumn("message", "text", (column) => column.notNull())
    .addColumn("duration_ms", "bigint")
    .addColumn("problem_json", "text")
    .execute();
  await schema.createIndex("lifecycle_event_by_job").on("lifecycle_event").column("job").execute();
}
