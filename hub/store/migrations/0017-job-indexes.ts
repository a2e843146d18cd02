import type { Kysely } from "kysely";

/** How jobs are found: by when they are due, by their purchase, and by their beacon. Most of them were over long ago. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema.createIndex("job_due").on("job").columns(["finished_at", "wake_at"]).execute();
  await schema.createIndex("job_by_purchase").on("job").column("purchase").execute();
  await schema.createIndex("job_by_beacon").on("job").column("beacon").execute();
}
