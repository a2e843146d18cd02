import { Gap } from "#shared/metrics/gaps.ts";
import { resolutions } from "#shared/metrics/rollup.ts";
import type { AgentDatabase } from "../store/database.ts";

/** No chart reaches further back. */
const KEPT_MS = Math.max(...resolutions.map(({ keptMs }) => keptMs));

/** When nothing was measured, and why. */
export interface GapLog {
  /** On disk when it returns. */
  readonly add: (gaps: readonly Gap[]) => void;
  /** Those that touch the span, in order of time. */
  readonly list: (fromMs: number, toMs: number) => Gap[];
  /** The oldest that the hub has not stored. */
  readonly unreported: (limit: number) => Gap[];
  readonly markReported: (gaps: readonly Gap[]) => void;
}

export function createGapLog(db: AgentDatabase, now: () => number): GapLog {
  const insert = db.prepare(
    `insert into gap (from_at, to_at, reason) values (?, ?, ?)
     on conflict (from_at) do update set to_at = excluded.to_at, reported_at = null where excluded.to_at > to_at`,
  );
  const forget = db.prepare("delete from gap where to_at < ?");
  const range = db.prepare<[number, number], Gap>(
    `select from_at as "from", to_at as "to", reason from gap where to_at > ? and from_at < ? order by from_at`,
  );
  const waiting = db.prepare<[number], Gap>(
    `select from_at as "from", to_at as "to", reason from gap where reported_at is null order by from_at limit ?`,
  );
  const report = db.prepare("update gap set reported_at = ? where from_at = ?");
  const read = (rows: readonly unknown[]) => rows.map((row) => Gap.parse(row));
  return {
    add: db.transaction((gaps: readonly Gap[]) => {
      for (const { from, to, reason } of gaps) insert.run(from, to, reason);
      forget.run(now() - KEPT_MS);
    }),
    list: (fromMs, toMs) => read(range.all(fromMs, toMs)),
    unreported: (limit) => read(waiting.all(limit)),
    markReported: db.transaction((gaps: readonly Gap[]) => {
      for (const { from } of gaps) report.run(now(), from);
    }),
  };
}
