import type { Kysely } from "kysely";

/** Who is let in, and who is not any more; `hub/store/schema.ts` says what the columns mean. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema.alterTable("beacon").addColumn("next_public_key", "text").execute();
  await schema.alterTable("beacon").addColumn("revoked_at", "bigint").execute();
  await schema.alterTable("beacon").addColumn("leaving_since", "bigint").execute();
  await schema.alterTable("beacon").addColumn("leaving_actor", "text").execute();
  await schema.alterTable("beacon").addColumn("left_at", "bigint").execute();
  await schema.alterTable("enrolment_token").addColumn("binding_json", "text").execute();
  await schema.alterTable("enrolment_token").addColumn("refusal_json", "text").execute();

  await schema
    .createTable("revoked_key")
    .addColumn("public_key", "text", (column) => column.primaryKey())
    .addColumn("beacon", "text", (column) => column.notNull().references("beacon.id"))
    .addColumn("revoked_at", "bigint", (column) => column.notNull())
    .execute();
  await schema.createIndex("revoked_key_by_beacon").on("revoked_key").column("beacon").execute();

  await schema
    .createTable("revoked_person")
    .addColumn("subject", "text", (column) => column.primaryKey())
    .addColumn("revoked_at", "bigint", (column) => column.notNull())
    .execute();
}
