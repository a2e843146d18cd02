import { type Kysely, sql } from "kysely";

/** What each beacon was brought to, of what is paid for: where the two differ there is something to do. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("subscription")
    .addColumn("brought_json", "text", (column) => column.notNull().defaultTo("[]"))
    .execute();
  await sql`update subscription set brought_json = prices_json`.execute(db);
}
