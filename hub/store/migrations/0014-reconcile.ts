import type { Kysely } from "kysely";

/** What does not agree between Stripe, the providers and the books; and what subscriptions bring. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("finding")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("source", "text", (column) => column.notNull())
    .addColumn("finding_json", "text", (column) => column.notNull())
    .addColumn("since", "bigint", (column) => column.notNull())
    .addColumn("told_at", "bigint")
    .addColumn("fixing_since", "bigint")
    .addColumn("fixing_actor", "text")
    .addColumn("fixed_at", "bigint")
    .addColumn("outcome", "text")
    .addColumn("problem_json", "text")
    .execute();

  const added = { monthly_cents: "integer", currency: "text", started_at: "bigint" } as const;
  for (const [name, type] of Object.entries(added)) {
    await schema.alterTable("subscription").addColumn(name, type).execute();
  }
  for (const name of ["open_invoices", "open_cents"]) {
    await schema
      .alterTable("subscription")
      .addColumn(name, "integer", (column) => column.notNull().defaultTo(0))
      .execute();
  }
}
