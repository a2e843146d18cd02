import type { JobState } from "#shared/api/hub.ts";
import type { Database } from "./database.ts";

/**
 * Whether a beacon holds this name, or a job that has one to make or to take back: also one that waits for its payment.
 * @param db The database, or the transaction in which the name is taken if it is free.
 */
export async function isNameInUse(db: Database, name: string): Promise<boolean> {
  // The name of one that has left leads to it still.
  const beacon = db
    .selectFrom("beacon")
    .select("id")
    .where("name", "=", name)
    .where(({ or, eb }) => or([eb("removed_at", "is", null), eb("left_at", "is not", null)]));
  if ((await beacon.executeTakeFirst()) !== undefined) return true;
  const job = db
    .selectFrom("job")
    .innerJoin("purchase", "purchase.id", "job.purchase")
    .select("job.id")
    .where("purchase.beacon_name", "=", name)
    .where(({ or, eb }) => or([eb("job.finished_at", "is", null), eb("job.state", "=", "FAILED" satisfies JobState)]));
  return (await job.executeTakeFirst()) !== undefined;
}
