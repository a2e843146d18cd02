import type { MetricsView } from "#shared/api/beacon.ts";
import { chooseResolution, mergeRollups, resolutions, rollupOf } from "#shared/metrics/rollup.ts";
import { Rollup, type Sample } from "#shared/metrics/sample.ts";
import type { AgentDatabase } from "../store/database.ts";

const [finest, ...coarser] = resolutions;

/** What the hub did not get is kept this long after its hour, in the finest resolution. */
const UNREPORTED_KEPT_MS = 86_400_000;

export interface MetricsStore {
  /** Whether it was counted: a second sample of the same moment is not. On disk when it returns. */
  readonly add: (sample: Sample) => boolean;
  /** The oldest samples that the hub has not stored, at most so many and of so much JSON together, but at least one. */
  readonly unreported: (limit: { count: number; characters: number }) => Sample[];
  readonly markReported: (moments: readonly number[]) => void;
  /** As finely as the span allows. */
  readonly view: (fromMs: number, toMs: number) => MetricsView;
  /** Forgets what is too old. */
  readonly prune: () => void;
}

export interface MetricsStoreOptions {
  readonly db: AgentDatabase;
  /** Time between samples; several finer ones share a span. */
  readonly sampleMs: number;
  readonly now: () => number;
}

interface Row {
  at: number;
  values_json: string;
}

const Values = Rollup.shape.values;
const readRow = ({ at, values_json }: Row): Rollup => ({ at, values: Values.parse(JSON.parse(values_json)) });

export function createMetricsStore({ db, sampleMs, now }: MetricsStoreOptions): MetricsStore {
  const select = db.prepare<[number, number], Row>("select at, values_json from rollup where step_ms = ? and at = ?");
  const upsert = db.prepare(
    `insert into rollup (step_ms, at, values_json) values (?, ?, ?)
     on conflict (step_ms, at) do update set values_json = excluded.values_json`,
  );
  const range = db.prepare<[number, number, number], Row>(
    "select at, values_json from rollup where step_ms = ? and at >= ? and at <= ? order by at",
  );
  const waiting = db.prepare<[number, number, number], Row>(
    "select at, values_json from rollup where step_ms = ? and reported_at is null and at <= ? order by at limit ?",
  );
  const report = db.prepare("update rollup set reported_at = ? where step_ms = ? and at = ?");
  const forget = db.prepare("delete from rollup where step_ms = ? and at < ?");
  const forgetReported = db.prepare("delete from rollup where step_ms = ? and at < ? and reported_at is not null");

  const merge = (sample: Sample, stepMs: number) => {
    const span = rollupOf(sample, stepMs);
    const row = select.get(stepMs, span.at);
    const merged = row === undefined ? span : mergeRollups(readRow(row), span);
    upsert.run(stepMs, span.at, JSON.stringify(merged.values));
  };
  const onePerSpan = sampleMs >= finest.stepMs;

  return {
    add: db.transaction((sample: Sample) => {
      const { at } = rollupOf(sample, finest.stepMs);
      if (onePerSpan && select.get(finest.stepMs, at) !== undefined) return false;
      for (const { stepMs } of resolutions) merge(sample, stepMs);
      return true;
    }),
    unreported: ({ count, characters }) => {
      // A span that more samples will fall into is not told yet.
      const newest = onePerSpan ? now() : now() - finest.stepMs;
      let total = 0;
      return waiting
        .all(finest.stepMs, newest, count)
        .filter((row, index) => {
          total += row.values_json.length;
          return index === 0 || total <= characters;
        })
        .map(meansOf);
    },
    markReported: db.transaction((moments: readonly number[]) => {
      for (const at of moments) report.run(now(), finest.stepMs, at);
    }),
    view: (fromMs, toMs) => {
      const { name, stepMs } = chooseResolution(fromMs, toMs, now());
      return { resolution: name, stepMs, points: range.all(stepMs, fromMs - (fromMs % stepMs), toMs).map(readRow) };
    },
    prune: db.transaction(() => {
      forgetReported.run(finest.stepMs, now() - finest.keptMs);
      forget.run(finest.stepMs, now() - finest.keptMs - UNREPORTED_KEPT_MS);
      for (const { stepMs, keptMs } of coarser) forget.run(stepMs, now() - keptMs);
    }),
  };
}

const meansOf = ({ at, values_json }: Row): Sample => ({
  at,
  values: Object.fromEntries(
    Object.entries(Values.parse(JSON.parse(values_json))).map(([series, [, mean]]) => [series, mean]),
  ),
});
