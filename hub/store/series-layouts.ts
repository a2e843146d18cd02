import { createHash } from "node:crypto";
import { MOST_SERIES, type NamedSeries } from "#shared/metrics/series-table.ts";
import { Problem } from "#shared/problem.ts";
import type { Database } from "./database.ts";
import { createSeriesNames } from "./series-names.ts";

/** Series in an order of their own. Two are the same when their ids are. */
export interface Layout {
  readonly id: number;
  /** Numbers of series, each once. */
  readonly series: Uint32Array;
}

/** Layouts that are kept in memory: of a fleet in which each beacon has apps of its own. */
const MOST_KEPT = 20_000;

/** Which series are measured together is stored once, however many samples have them. */
export interface SeriesLayouts {
  /** The layout with these names at its end. @throws {Problem} `invalid_frame` for a series that would be in it twice */
  withNames(layout: Layout | undefined, names: readonly string[]): Promise<Layout>;
  /** The layout with these series. */
  of(series: Uint32Array): Promise<Layout>;
  /** @throws {Problem} `internal` when there is none with this id */
  byId(id: number): Promise<Layout>;
  /** Names by the numbers of series. */
  names(series: Iterable<number>): Promise<ReadonlyMap<number, string>>;
}

export function createSeriesLayouts(db: Database): SeriesLayouts {
  const names = createSeriesNames(db);
  const byHash = new Map<string, Layout>();
  const byId = new Map<number, Layout>();
  const bySeries = new WeakMap<Uint32Array, Layout>();

  const keep = (hash: string, layout: Layout): Layout => {
    if (byId.size >= MOST_KEPT) {
      byId.clear();
      byHash.clear();
    }
    byHash.set(hash, layout);
    byId.set(layout.id, layout);
    bySeries.set(layout.series, layout);
    return layout;
  };

  const find = async (hash: string, series: Uint32Array) => {
    const row = await db.selectFrom("series_layout").select("id").where("hash", "=", hash).executeTakeFirst();
    return row === undefined ? undefined : keep(hash, { id: row.id, series });
  };

  const layouts: SeriesLayouts = {
    of: async (series) => {
      const same = bySeries.get(series);
      if (same !== undefined) return same;
      const bytes = Buffer.from(series.buffer, series.byteOffset, series.byteLength);
      const hash = createHash("sha256").update(bytes).digest("base64");
      const known = byHash.get(hash) ?? (await find(hash, series));
      if (known !== undefined) return known;
      await db
        .insertInto("series_layout")
        .values({ hash, series: bytes })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return layouts.of(series);
    },
    withNames: async (layout, added) => {
      const ids = await names.ids(added);
      const series = Uint32Array.from([...(layout?.series ?? []), ...added.map((name) => ids.get(name) ?? 0)]);
      if (new Set(series).size < series.length) throw new Problem("invalid_frame", "a series has two numbers");
      return layouts.of(series);
    },
    byId: async (id) => {
      const known = byId.get(id);
      if (known !== undefined) return known;
      const row = await db
        .selectFrom("series_layout")
        .select(["hash", "series"])
        .where("id", "=", id)
        .executeTakeFirst();
      if (row === undefined) throw new Problem("internal", `there is no layout ${id} of series`);
      // A copy of its own begins where words may begin.
      return keep(row.hash, { id, series: new Uint32Array(new Uint8Array(row.series).buffer) });
    },
    names: (series) => names.names(series),
  };
  return layouts;
}

/**
 * The layout of a link once `more` was said.
 * @throws {Problem} `invalid_frame` when numbers are left out or given twice
 */
export async function layoutWith(
  layouts: SeriesLayouts,
  known: Layout | undefined,
  { from, names }: NamedSeries,
): Promise<Layout> {
  const length = known?.series.length ?? 0;
  if (from === 0) return layouts.withNames(undefined, names);
  if (from === length && length + names.length <= MOST_SERIES) return layouts.withNames(known, names);
  throw new Problem("invalid_frame", `${names.length} series cannot be numbered from ${from} on`, {
    details: { length },
  });
}
