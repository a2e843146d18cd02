import type { Kysely } from "kysely";

/** What is sold and whether it is paid for, and what Stripe told of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("payment")
    .addColumn("purchase", "text", (column) => column.primaryKey().references("purchase.id"))
    .addColumn("prices_json", "text", (column) => column.notNull())
    .addColumn("trial_days", "integer")
    .addColumn("round", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("customer", "text")
    .addColumn("session", "text")
    .addColumn("session_url", "text")
    .addColumn("subscription", "text")
    .addColumn("paid_at", "bigint")
    .addColumn("lapsed_at", "bigint")
    .addColumn("take_back_since", "bigint")
    .addColumn("taken_back_at", "bigint")
    .execute();
  await schema.createIndex("payment_session").on("payment").column("session").execute();

  await schema
    .createTable("billing_customer")
    .addColumn("email", "text", (column) => column.primaryKey())
    .addColumn("customer", "text", (column) => column.notNull())
    .execute();

  await schema
    .createTable("stripe_event")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("target", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("received_at", "bigint", (column) => column.notNull())
    .addColumn("handled_at", "bigint")
    .addColumn("attempts", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("retry_at", "bigint", (column) => column.notNull())
    .addColumn("problem_json", "text")
    .execute();
  await schema.createIndex("stripe_event_due").on("stripe_event").columns(["handled_at", "retry_at"]).execute();
}
