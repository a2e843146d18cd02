import { type Kysely, sql } from "kysely";

/** The first shape of the hub's tables; `hub/store/schema.ts` says what the columns mean. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("setting")
    .addColumn("key", "text", (column) => column.primaryKey())
    .addColumn("value", "text", (column) => column.notNull())
    .execute();

  await schema
    .createTable("beacon")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("domain", "text", (column) => column.notNull())
    .addColumn("email", "text", (column) => column.notNull())
    .addColumn("owner", "text")
    .addColumn("provider", "text", (column) => column.notNull())
    .addColumn("region", "text")
    .addColumn("provider_id", "text")
    .addColumn("address", "text")
    .addColumn("public_key", "text")
    .addColumn("agent_version", "text")
    .addColumn("inventory_json", "text")
    .addColumn("sequence", "bigint", (column) => column.notNull().defaultTo(0))
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("enrolled_at", "bigint")
    .addColumn("last_seen_at", "bigint")
    .addColumn("removed_at", "bigint")
    .execute();
  await schema
    .createIndex("beacon_name_in_use")
    .on("beacon")
    .column("name")
    .unique()
    .where(sql.ref("removed_at"), "is", null)
    .execute();

  await schema
    .createTable("enrolment_token")
    .addColumn("hash", "text", (column) => column.primaryKey())
    .addColumn("beacon", "text", (column) => column.notNull().references("beacon.id"))
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("used_at", "bigint")
    .addColumn("used_by", "text")
    .execute();

  await schema
    .createTable("command")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("beacon", "text", (column) => column.notNull().references("beacon.id"))
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("input_json", "text", (column) => column.notNull())
    .addColumn("actor", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("sequence", "bigint", (column) => column.notNull())
    .addColumn("statement_json", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("sent_at", "bigint")
    .addColumn("started_at", "bigint")
    .addColumn("finished_at", "bigint")
    .addColumn("cancel_asked_at", "bigint")
    .addColumn("progress_json", "text")
    .addColumn("problem_json", "text")
    .addUniqueConstraint("command_sequence", ["beacon", "sequence"])
    .execute();
  await schema.createIndex("command_by_state").on("command").columns(["beacon", "state"]).execute();

  await schema
    .createTable("series")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("name", "text", (column) => column.notNull().unique())
    .execute();

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

  await schema
    .createTable("purchase")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("email", "text", (column) => column.notNull())
    .addColumn("beacon_name", "text", (column) => column.notNull())
    .addColumn("modules_json", "text", (column) => column.notNull())
    .addColumn("region", "text")
    .addColumn("actor", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();

  await schema
    .createTable("job")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("purchase", "text", (column) => column.notNull().references("purchase.id"))
    .addColumn("beacon", "text", (column) => column.references("beacon.id"))
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("stopped_in", "text")
    .addColumn("waiting_for", "text")
    .addColumn("problem_json", "text")
    .addColumn("attempts", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("wake_at", "bigint", (column) => column.notNull())
    .addColumn("entered_at", "bigint", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("finished_at", "bigint")
    .execute();

  await schema
    .createTable("job_event")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("job", "text", (column) => column.notNull().references("job.id"))
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("message", "text", (column) => column.notNull())
    .addColumn("duration_ms", "bigint")
    .addColumn("problem_json", "text")
    .execute();
  await schema.createIndex("job_event_by_job").on("job_event").column("job").execute();

  await schema
    .createTable("document")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("beacon", "text", (column) => column.notNull().references("beacon.id"))
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("content", "blob", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();

  await schema
    .createTable("mail")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("recipient", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("text", "text", (column) => column.notNull())
    .addColumn("html", "text")
    .addColumn("attachment", "text", (column) => column.references("document.id"))
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("sent_at", "bigint")
    .execute();

  await schema
    .createTable("audit")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("actor", "text", (column) => column.notNull())
    .addColumn("action", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("details_json", "text", (column) => column.notNull())
    .execute();
}
