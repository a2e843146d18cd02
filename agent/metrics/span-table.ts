import { fullerSpan, mergeSpans, type PackedSpan } from "#shared/metrics/packed-span.ts";
import { resolutions } from "#shared/metrics/rollup.ts";
import type { AgentDatabase } from "../store/database.ts";
import { pack, unpack } from "./span-bytes.ts";

export interface SpanAt {
  readonly at: number;
  readonly span: PackedSpan;
}

/** Spans of all resolutions. The finest are what was measured; the others are made out of them when their time is over. */
export interface SpanTable {
  readonly get: (stepMs: number, at: number) => PackedSpan | undefined;
  /** Also has what is coarser made, or made again, when its time is over. */
  readonly put: (stepMs: number, at: number, span: PackedSpan) => void;
  /** One for each span in order of time, also those that are not over. */
  readonly list: (stepMs: number, fromMs: number, toMs: number) => SpanAt[];
  /** Makes the spans that are over. To be called before anything is forgotten. */
  readonly rollUp: (nowMs: number) => void;
  readonly forget: (stepMs: number, beforeMs: number) => void;
  readonly newest: () => SpanAt | undefined;
}

interface Row {
  at: number;
  packed: Buffer;
}

const [finest] = resolutions;
const placeOf = (stepMs: number) => resolutions.findIndex((known) => known.stepMs === stepMs);
const readRow = ({ at, packed }: Row): SpanAt => ({ at, span: unpack(packed) });

export function createSpanTable(db: AgentDatabase): SpanTable {
  const select = db.prepare<[number, number], Row>("select at, packed from span where step_ms = ? and at = ?");
  const upsert = db.prepare(
    `insert into span (step_ms, at, packed) values (?, ?, ?)
     on conflict (step_ms, at) do update set packed = excluded.packed`,
  );
  const range = db.prepare<[number, number, number], Row>(
    "select at, packed from span where step_ms = ? and at >= ? and at <= ? order by at",
  );
  const last = db.prepare<[number], Row>("select at, packed from span where step_ms = ? order by at desc limit 1");
  const remove = db.prepare("delete from span where step_ms = ? and at < ?");
  const owe = db.prepare("insert or ignore into roll_up_due (step_ms, at) values (?, ?)");
  const due = db.prepare<[number, number], { at: number }>(
    "select at from roll_up_due where step_ms = ? and at <= ? order by at",
  );
  const dueWithin = db.prepare<[number, number, number], { at: number }>(
    "select at from roll_up_due where step_ms <= ? and at >= ? and at <= ?",
  );
  const made = db.prepare("delete from roll_up_due where step_ms = ? and at = ?");

  const get: SpanTable["get"] = (stepMs, at) => {
    const row = select.get(stepMs, at);
    return row === undefined ? undefined : unpack(row.packed);
  };
  const put: SpanTable["put"] = (stepMs, at, span) => {
    upsert.run(stepMs, at, pack(span));
    const coarser = resolutions[placeOf(stepMs) + 1];
    if (coarser !== undefined) owe.run(coarser.stepMs, at - (at % coarser.stepMs));
  };
  const finerOf = (stepMs: number) => resolutions[placeOf(stepMs) - 1];

  const list: SpanTable["list"] = (stepMs, fromMs, toMs) => {
    const spans = new Map(range.all(stepMs, fromMs, toMs).map((row) => [row.at, readRow(row)]));
    const finer = finerOf(stepMs);
    if (finer === undefined) return [...spans.values()];
    const open = dueWithin.all(stepMs, fromMs - (fromMs % stepMs), toMs);
    for (const at of new Set(open.map((row) => row.at - (row.at % stepMs)))) {
      const parts = list(finer.stepMs, at, at + stepMs - 1).map(({ span }) => span);
      const span = fullerSpan(spans.get(at)?.span, parts);
      if (span !== undefined && at >= fromMs) spans.set(at, { at, span });
    }
    return [...spans.values()].sort((a, b) => a.at - b.at);
  };

  return {
    get,
    put,
    list,
    rollUp: (nowMs) => {
      for (const { stepMs } of resolutions.slice(1)) {
        const finerMs = finerOf(stepMs)?.stepMs ?? finest.stepMs;
        for (const { at } of due.all(stepMs, nowMs - stepMs)) {
          const stored = get(stepMs, at);
          const parts = range.all(finerMs, at, at + stepMs - 1).map(({ packed }) => unpack(packed));
          const span = fullerSpan(stored, parts);
          if (span !== undefined && span !== stored) put(stepMs, at, span);
          made.run(stepMs, at);
        }
      }
    },
    forget: (stepMs, beforeMs) => void remove.run(stepMs, beforeMs),
    newest: () => {
      const row = last.get(finest.stepMs);
      return row === undefined ? undefined : readRow(row);
    },
  };
}

/** Several samples in one span of the finest resolution. */
export const joined = (before: PackedSpan | undefined, sample: PackedSpan): PackedSpan =>
  before === undefined ? sample : mergeSpans([before, sample]);
