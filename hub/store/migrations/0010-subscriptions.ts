import type { Kysely } from "kysely";

/** The life of subscriptions: as Stripe tells it, and what was done about it; and what Stripe is to be told once. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("subscription")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("purchase", "text", (column) => column.notNull().references("purchase.id"))
    .addColumn("customer", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("prices_json", "text", (column) => column.notNull())
    .addColumn("period_ends_at", "bigint")
    .addColumn("trial_ends_at", "bigint")
    .addColumn("ends_at", "bigint")
    .addColumn("past_due_since", "bigint")
    .addColumn("ended_at", "bigint")
    .addColumn("seen_at", "bigint", (column) => column.notNull())
    .addColumn("version", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("wake_at", "bigint")
    .execute();
  await schema.createIndex("subscription_due").on("subscription").column("wake_at").execute();

  await schema
    .createTable("subscription_action")
    .addColumn("subscription", "text", (column) => column.notNull().references("subscription.id"))
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("begun_at", "bigint", (column) => column.notNull())
    .addColumn("done_at", "bigint")
    .addColumn("attempts", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("problem_json", "text")
    .addPrimaryKeyConstraint("subscription_action_key", ["subscription", "key"])
    .execute();

  await schema
    .createTable("billing_notice")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("purchase", "text", (column) => column.notNull().references("purchase.id"))
    .addColumn("body_json", "text", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("tried_at", "bigint")
    .addColumn("retry_at", "bigint", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("sent_at", "bigint")
    .addColumn("problem_json", "text")
    .execute();
  await schema.createIndex("billing_notice_due").on("billing_notice").columns(["sent_at", "retry_at"]).execute();
}
