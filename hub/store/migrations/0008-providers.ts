import type { Kysely } from "kysely";

/** Accounts at providers, whose turn it is among them, and which one each job was given. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("provider_account")
    .addColumn("provider", "text", (column) => column.primaryKey())
    .addColumn("weight", "integer", (column) => column.notNull())
    .addColumn("disabled_at", "bigint")
    .addColumn("sealed", "blob")
    .addColumn("checked_at", "bigint")
    .addColumn("problem_json", "text")
    .execute();
  await schema
    .createTable("provider_turn")
    .addColumn("provider", "text", (column) => column.primaryKey())
    .addColumn("owed", "integer", (column) => column.notNull())
    .execute();
  await schema
    .createTable("provider_choice")
    .addColumn("job", "text", (column) => column.primaryKey())
    .addColumn("provider", "text")
    .addColumn("passed_over_json", "text", (column) => column.notNull())
    .execute();
}
