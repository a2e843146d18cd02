import { type Kysely, sql } from "kysely";

/**
 * Every provider that was ever asked for a job, what its turn cost each of them, and the second address of a beacon. Jobs that are on
 * their way were given their provider before there was a choice.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .alterTable("provider_choice")
    .addColumn("asked_json", "text", (column) => column.notNull().defaultTo("[]"))
    .execute();
  await schema
    .alterTable("provider_choice")
    .addColumn("turn_json", "text", (column) => column.notNull().defaultTo("{}"))
    .execute();
  await schema.alterTable("beacon").addColumn("address6", "text").execute();
  await sql`
    insert into provider_choice (job, provider, passed_over_json, asked_json)
    select job.id, beacon.provider, '[]', json_array(beacon.provider)
    from job join beacon on beacon.id = job.beacon
    where job.id not in (select job from provider_choice)
  `.execute(db);
}
