import { type Kysely, sql } from "kysely";

/**
 * Alerts of the hub itself, which is no row of `beacon`; notices to owners, who are no row of `channel`; and silences. SQLite cannot
 * take a reference away from a table, so those that have one too many are made anew (https://sqlite.org/lang_altertable.html#otheralter).
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("alert_event_new")
    .addColumn("beacon", "text", (column) => column.notNull())
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
  await schema
    .createTable("alert_delivery_new")
    .addColumn("number", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("beacon", "text", (column) => column.notNull())
    .addColumn("event", "text", (column) => column.notNull())
    .addColumn("channel", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("due_at", "bigint", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("problem_json", "text")
    .addColumn("finished_at", "bigint")
    .addUniqueConstraint("alert_delivery_once", ["beacon", "event", "channel"])
    .addForeignKeyConstraint("alert_delivery_event", ["beacon", "event"], "alert_event_new", ["beacon", "id"], (key) =>
      key.onDelete("cascade"),
    )
    .execute();
  await schema
    .createTable("hub_alert_new")
    .addColumn("beacon", "text", (column) => column.notNull())
    .addColumn("rule", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("alert_json", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("hub_alert_key", ["beacon", "rule", "subject"])
    .execute();
  // What refers to another table moves after it, and goes before it.
  await move(db, "alert_event", eventColumns);
  await move(db, "alert_delivery", deliveryColumns);
  await move(db, "hub_alert", ["beacon", "rule", "subject", "alert_json"]);
  for (const table of ["alert_delivery", "alert_event", "hub_alert"]) {
    await schema.dropTable(table).execute();
    await schema.alterTable(`${table}_new`).renameTo(table).execute();
  }
  await schema.createIndex("alert_event_open").on("alert_event").columns(["kind", "ended_at"]).execute();
  await schema.createIndex("alert_event_newest").on("alert_event").columns(["beacon", "received_at"]).execute();
  await schema.createIndex("alert_event_received").on("alert_event").columns(["received_at"]).execute();
  await schema.createIndex("alert_delivery_due").on("alert_delivery").columns(["state", "due_at"]).execute();
  await schema.createIndex("alert_delivery_channel").on("alert_delivery").columns(["channel", "state"]).execute();

  await schema
    .alterTable("beacon")
    .addColumn("owner_mail", "text", (column) => column.notNull().defaultTo("critical"))
    .execute();

  await schema
    .createTable("alert_silence")
    .addColumn("beacon", "text", (column) => column.notNull())
    .addColumn("rule", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("until", "bigint", (column) => column.notNull())
    .addColumn("by", "text", (column) => column.notNull())
    .addColumn("why", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("alert_silence_key", ["beacon", "rule", "subject"])
    .execute();
}

const eventColumns = [
  ...["beacon", "id", "rule", "subject", "kind"],
  ...["fired_at", "at", "ended_at", "received_at", "event_json"],
];
const deliveryColumns = [
  ...["number", "beacon", "event", "channel", "state"],
  ...["due_at", "attempts", "problem_json", "finished_at"],
];

async function move(db: Kysely<unknown>, table: string, columns: readonly string[]): Promise<void> {
  const names = sql.join(columns.map((column) => sql.ref(column)));
  await sql`insert into ${sql.table(`${table}_new`)} (${names}) select ${names} from ${sql.table(table)}`.execute(db);
}
