import type { Silence } from "#shared/api/alerts.ts";
import { type Told, tellIn } from "./audit.ts";
import type { Database } from "./database.ts";

export interface SilenceOf extends Silence {
  /** A beacon's id, or `hub`. */
  readonly beacon: string;
}

/** Of which alerts nobody is told for a while. */
export interface SilenceStore {
  /** Those that are not over: of one beacon or of all. */
  list(nowMs: number, beacon?: string): Promise<SilenceOf[]>;
  /** One of the same alert is replaced. `told` is written into the audit log with it. */
  put(silence: SilenceOf, told: Told): Promise<void>;
  prune(before: number): Promise<void>;
}

export const createSilenceStore = (db: Database): SilenceStore => ({
  list: async (nowMs, beacon) => {
    const rows = await db
      .selectFrom("alert_silence")
      .selectAll()
      .where("until", ">", nowMs)
      .$if(beacon !== undefined, (query) => query.where("beacon", "=", beacon ?? ""))
      .orderBy("created_at", "desc")
      .execute();
    return rows.map(({ created_at, ...row }) => ({ ...row, createdAt: created_at }));
  },
  put: async ({ createdAt, ...silence }, told) => {
    const { until, by, why } = silence;
    await tellIn(db, told, (trx) =>
      trx
        .insertInto("alert_silence")
        .values({ ...silence, created_at: createdAt })
        .onConflict((conflict) =>
          conflict.columns(["beacon", "rule", "subject"]).doUpdateSet({ until, by, why, created_at: createdAt }),
        )
        .execute(),
    );
  },
  prune: async (before) => {
    await db.deleteFrom("alert_silence").where("until", "<", before).execute();
  },
});
