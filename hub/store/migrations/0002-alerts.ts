import type { Kysely } from "kysely";

/** What is wrong with beacons, and whom to tell; `hub/store/schema.ts` says what the columns mean. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("alert_event")
    .addColumn("beacon", "text", (column) => column.notNull().references("beacon.id"))
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("rule", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("fired_at", "bigint", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("ended_at", "bigint")
    .addColumn("received_at", "bigint", (column) => column.notNull())
    .addColumn("event_json", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("alert_event_key", ["beacon", "id"])
    .execute();
  await schema.createIndex("alert_event_open").on("alert_event").columns(["kind", "ended_at"]).execute();
  await schema.createIndex("alert_event_newest").on("alert_event").columns(["beacon", "received_at"]).execute();

  await schema
    .createTable("hub_alert")
    .addColumn("beacon", "text", (column) => column.notNull().references("beacon.id"))
    .addColumn("rule", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("alert_json", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("hub_alert_key", ["beacon", "rule", "subject"])
    .execute();

  await schema
    .createTable("channel")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("options_json", "text", (column) => column.notNull())
    .addColumn("sealed", "blob", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();

  await schema
    .createTable("alert_delivery")
    .addColumn("number", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("beacon", "text", (column) => column.notNull())
    .addColumn("event", "text", (column) => column.notNull())
    .addColumn("channel", "text", (column) => column.notNull().references("channel.id").onDelete("cascade"))
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("due_at", "bigint", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("problem_json", "text")
    .addColumn("finished_at", "bigint")
    .addUniqueConstraint("alert_delivery_once", ["beacon", "event", "channel"])
    .addForeignKeyConstraint("alert_delivery_event", ["beacon", "event"], "alert_event", ["beacon", "id"], (key) =>
      key.onDelete("cascade"),
    )
    .execute();
  await schema.createIndex("alert_delivery_due").on("alert_delivery").columns(["state", "due_at"]).execute();
}
