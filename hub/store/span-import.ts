import type { NumberedSpan } from "#shared/metrics/numbered-span.ts";
import { bounded, mergeSpans, type PackedSpan } from "#shared/metrics/packed-span.ts";
import { Problem } from "#shared/problem.ts";
import type { Database } from "./database.ts";
import type { OnSpans } from "./remote-write-due.ts";
import type { SampleHeads } from "./sample-heads.ts";
import type { Layout, SeriesLayouts } from "./series-layouts.ts";
import { layoutOf, pack, unpack } from "./span-bytes.ts";
import { fuller, putRows, type SpanRow } from "./write-spans.ts";

/** What a beacon has rolled up itself: spans of one resolution, their series those of its link. */
export interface WholeSpans {
  readonly beacon: string;
  readonly stepMs: number;
  readonly layout: Layout;
  readonly spans: readonly NumberedSpan[];
}

/**
 * Takes whole spans in, all or none: each takes the place of what is known of its time where it is of more samples. A span holds all that
 * was measured in its time, also what came as samples before, so that nothing counts twice, whatever came when.
 * @returns how many were news
 * @throws {Problem} `invalid_frame` for a span that is none
 */
export type SpanImport = (whole: WholeSpans) => Promise<number>;

export interface SpanImportParts {
  readonly db: Database;
  readonly layouts: SeriesLayouts;
  readonly heads: Pick<SampleHeads, "wroteRows">;
  /** Has nothing else written meanwhile. */
  readonly exclusively: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly onSpans: OnSpans | undefined;
}

export function createSpanImport({ db, layouts, heads, exclusively, onSpans }: SpanImportParts): SpanImport {
  const storedAt = async (beacon: string, stepMs: number, at: number): Promise<PackedSpan | undefined> => {
    const row = await db
      .selectFrom("rollup")
      .select("span")
      .where("beacon", "=", beacon)
      .where("step_ms", "=", stepMs)
      .where("at", "=", at)
      .executeTakeFirst();
    return row === undefined ? undefined : unpack(row.span, await layouts.byId(layoutOf(row.span)));
  };

  return ({ beacon, stepMs, layout, spans }) =>
    exclusively(async () => {
      const rows: SpanRow[] = [];
      for (const numbered of spans) {
        const { at } = numbered;
        // Merged with nothing it is without the series that were not measured.
        const whole = mergeSpans([spanOf(numbered, layout)]);
        const stored = await storedAt(beacon, stepMs, at);
        if (stored !== undefined && fuller(stored, whole) === stored) continue;
        rows.push({ beacon, step_ms: stepMs, at, span: pack(whole, (await layouts.of(whole.series)).id) });
      }
      await db.transaction().execute(async (trx) => {
        await putRows(trx, rows);
        await onSpans?.(trx, rows);
        heads.wroteRows(beacon, Math.max(...rows.map(({ at }) => at)));
      });
      return rows.length;
    });
}

function spanOf({ min, mean, max, count }: NumberedSpan, { series }: Layout): PackedSpan {
  const size = series.length;
  const isCount = (value: number | null) => value === null || (Number.isInteger(value) && value >= 0);
  if ([min, mean, max, count].some(({ length }) => length > size) || !count.every(isCount)) {
    throw new Problem("invalid_frame", "a span has other series than those that have names, or counts nothing");
  }
  const column = (values: readonly (number | null)[]) =>
    Float32Array.from({ length: size }, (_value, place) => bounded(values[place] ?? 0));
  return {
    series,
    min: column(min),
    mean: column(mean),
    max: column(max),
    count: Uint32Array.from({ length: size }, (_value, place) => count[place] ?? 0),
  };
}
