import { type AuditLine, writeAudit } from "./audit.ts";
import type { Database } from "./database.ts";

/** People whose sessions on beacons are over, each with the moment from before which. */
export interface RevokedPeople {
  /** Newest last. */
  list(): Promise<{ readonly subject: string; readonly at: number }[]>;
  /** Each comes after all that were put before, also when the clock has gone back. @param line Tells of it, where somebody wanted it. */
  put(subject: string, line?: AuditLine): Promise<void>;
  /** Forgets those before which nothing is good any more. */
  prune(before: number): Promise<void>;
}

export const createRevokedPeople = (db: Database, now: () => number): RevokedPeople => ({
  list: async () => {
    const rows = await db.selectFrom("revoked_person").selectAll().orderBy("revoked_at").execute();
    return rows.map(({ subject, revoked_at }) => ({ subject, at: revoked_at }));
  },
  put: (subject, line) =>
    db.transaction().execute(async (trx) => {
      const newest = trx.selectFrom("revoked_person").select((column) => column.fn.max("revoked_at").as("at"));
      const revoked_at = Math.max(now(), ((await newest.executeTakeFirst())?.at ?? 0) + 1);
      await trx
        .insertInto("revoked_person")
        .values({ subject, revoked_at })
        .onConflict((conflict) => conflict.column("subject").doUpdateSet({ revoked_at }))
        .execute();
      if (line !== undefined) await writeAudit(trx, now(), line);
    }),
  prune: async (before) => {
    await db.deleteFrom("revoked_person").where("revoked_at", "<", before).execute();
  },
});
