import { type AuditLine, writeAudit } from "./audit.ts";
import type { Database } from "./database.ts";

/** Measurements of beacons that have left, which were on their way into the tables at that time. To be called now and then. */
export const forgetLateSamples = async (db: Database): Promise<void> => {
  const gone = db.selectFrom("beacon").select("id").where("left_at", "is not", null);
  for (const table of ["rollup_due", "rollup"] as const) {
    await db.deleteFrom(table).where("beacon", "in", gone).execute();
  }
};

/**
 * Forgets a beacon that has left, all or nothing. What stays is the purchase, for the books, and the name: it leads to the
 * beacon still, and is given to nobody else.
 * @param line The one line of the audit log that stays of it.
 * @returns whether it was there
 */
export type Depart = (beacon: string, line: AuditLine) => Promise<boolean>;

/** Tables of which rows belong to one beacon alone, those that others refer to last. */
const tables = [
  "enrolment_token",
  "revoked_key",
  "command",
  "beacon_inventory",
  "rollup_due",
  "rollup",
  "gap",
  "remote_write_due",
  "alert_delivery",
  "alert_silence",
  "alert_event",
  "hub_alert",
] as const;

export const createDepart =
  (db: Database, now: () => number): Depart =>
  (id, line) =>
    db.transaction().execute(async (trx) => {
      const { numUpdatedRows } = await trx
        .updateTable("beacon")
        .set({
          email: "",
          owner: null,
          region: null,
          provider_id: null,
          address: null,
          public_key: null,
          next_public_key: null,
          agent_version: null,
          enrolled_at: null,
          last_seen_at: null,
          leaving_actor: null,
          suspended_at: null,
          left_at: now(),
          removed_at: now(),
        })
        .where("id", "=", id)
        .where("removed_at", "is", null)
        .executeTakeFirst();
      if (Number(numUpdatedRows) === 0) return false;
      const commands = trx.selectFrom("command").select("id").where("beacon", "=", id);
      await trx.deleteFrom("audit").where("subject", "in", commands).execute();
      await trx.deleteFrom("ledger").where("command", "in", commands).execute();
      for (const table of tables) await trx.deleteFrom(table).where("beacon", "=", id).execute();
      const documents = trx.selectFrom("document").select("id").where("beacon", "=", id);
      await trx.deleteFrom("mail").where("attachment", "in", documents).execute();
      await trx.deleteFrom("document").where("beacon", "=", id).execute();
      const changes = trx.selectFrom("lifecycle_job").select("id").where("beacon", "=", id);
      await trx.deleteFrom("audit").where("subject", "in", changes).execute();
      await trx.deleteFrom("lifecycle_event").where("job", "in", changes).execute();
      await trx.deleteFrom("lifecycle_job").where("beacon", "=", id).execute();
      const jobs = trx.selectFrom("job").select("id").where("beacon", "=", id);
      await trx.deleteFrom("audit").where("subject", "in", jobs).execute();
      await trx.deleteFrom("audit").where("subject", "=", id).execute();
      await trx.deleteFrom("job_event").where("job", "in", jobs).execute();
      await trx.deleteFrom("job").where("beacon", "=", id).execute();
      await writeAudit(trx, now(), line);
      return true;
    });
