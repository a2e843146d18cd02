import type { Kysely } from "kysely";

/** Since when a beacon could not be brought to what is paid for, and why not. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("subscription").addColumn("behind_since", "integer").execute();
  await db.schema.alterTable("subscription").addColumn("behind_problem_json", "text").execute();
}
