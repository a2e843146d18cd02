import { type Kysely, sql } from "kysely";

/** The life of each command; what is known of those that are there already is written down. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema.alterTable("command").addColumn("accepted_at", "bigint").execute();
  await schema
    .createTable("ledger")
    .addColumn("number", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("command", "text", (column) => column.notNull().references("command.id"))
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("actor", "text", (column) => column.notNull())
    .addColumn("why", "text")
    .addColumn("said_at", "bigint")
    .execute();
  await schema.createIndex("ledger_command").on("ledger").column("command").execute();

  await sql`insert into ledger (command, at, state, actor)
    select id, created_at, 'queued', actor from command order by sequence`.execute(db);
  await sql`insert into ledger (command, at, state, actor)
    select id, sent_at, 'sent', 'hub' from command where sent_at is not null order by sequence`.execute(db);
  await sql`insert into ledger (command, at, state, actor)
    select id, started_at, 'running', 'agent' from command where started_at is not null order by sequence`.execute(db);
  await sql`insert into ledger (command, at, state, actor)
    select id, finished_at, state, 'agent' from command where finished_at is not null order by sequence`.execute(db);
}
