import { Gap } from "#shared/metrics/gaps.ts";
import { resolutions } from "#shared/metrics/rollup.ts";
import type { Database } from "./database.ts";

/** No chart reaches further back. */
const KEPT_MS = Math.max(...resolutions.map(({ keptMs }) => keptMs));

/** When beacons measured nothing, as they said themselves. */
export interface GapStore {
  /** Takes all of them in; one that is told again takes the place of what was told. */
  add(beacon: string, gaps: readonly Gap[]): Promise<void>;
  /** Those that touch the span, in order of time. */
  list(beacon: string, from: number, to: number): Promise<Gap[]>;
  prune(nowMs: number): Promise<void>;
}

export const createGapStore = (db: Database): GapStore => ({
  add: async (beacon, gaps) => {
    if (gaps.length === 0) return;
    await db
      .insertInto("gap")
      .values(gaps.map(({ from, to, reason }) => ({ beacon, from_at: from, to_at: to, reason })))
      .onConflict((conflict) =>
        conflict
          .columns(["beacon", "from_at"])
          .doUpdateSet((row) => ({ to_at: row.ref("excluded.to_at"), reason: row.ref("excluded.reason") })),
      )
      .execute();
  },
  list: async (beacon, from, to) => {
    const rows = await db
      .selectFrom("gap")
      .select(["from_at as from", "to_at as to", "reason"])
      .where("beacon", "=", beacon)
      .where("to_at", ">", from)
      .where("from_at", "<", to)
      .orderBy("from_at")
      .execute();
    return rows.map((row) => Gap.parse(row));
  },
  prune: async (nowMs) => {
    await db
      .deleteFrom("gap")
      .where("to_at", "<", nowMs - KEPT_MS)
      .execute();
  },
});
