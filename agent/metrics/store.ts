import type { MetricsView } from "#shared/api/beacon.ts";
import { gapsIn } from "#shared/metrics/gaps.ts";
import { namedSpan } from "#shared/metrics/packed-span.ts";
import { chooseResolution, resolutions } from "#shared/metrics/rollup.ts";
import type { Rollup, Sample } from "#shared/metrics/sample.ts";
import type { AgentDatabase } from "../store/database.ts";
import type { GapLog } from "./gap-log.ts";
import { packableSample } from "./named-span.ts";
import { createSeriesNumbers } from "./series-numbers.ts";
import { createSpanTable, joined, type SpanAt } from "./span-table.ts";

const [finest] = resolutions;

export interface MetricsStore {
  /** Whether it was counted: a second sample of the same moment is not. On disk when it returns. */
  readonly add: (sample: Sample) => boolean;
  readonly newest: () => Sample | undefined;
  /** The oldest samples that the hub has not stored, at most so many and of so many characters together, but at least one. */
  readonly unreported: (limit: BatchLimit) => Sample[];
  readonly markReported: (moments: readonly number[]) => void;
  /** The newest spans of which the hub lacks samples that are not kept any more, all of one resolution. */
  readonly missed: (limit: BatchLimit) => { readonly stepMs: number; readonly spans: Rollup[] } | undefined;
  readonly markFilled: (stepMs: number, starts: readonly number[]) => void;
  /** As finely as the span allows. */
  readonly view: (fromMs: number, toMs: number) => MetricsView;
  /** Makes coarser spans of what is over, and forgets what is too old. */
  readonly prune: () => void;
}

export interface BatchLimit {
  readonly count: number;
  /** Of JSON, about. */
  readonly characters: number;
}

export interface MetricsStoreOptions {
  readonly db: AgentDatabase;
  /** Time between samples; several finer ones share a span. */
  readonly sampleMs: number;
  readonly gaps: Pick<GapLog, "list">;
  readonly now: () => number;
}

/**
 * What was measured, each resolution for its time. What the hub has not stored is owed to it: first as samples; once they are
 * forgotten as the minutes that they were in; once those are as spans of ten minutes. That is as finely as the hub itself keeps it.
 *
 * On disk a series takes 8 bytes a sample and 20 a span: 360 samples, 1,440 minutes and 4,320 spans of ten minutes, so about 118 kB.
 */
export function createMetricsStore({ db, sampleMs, gaps, now }: MetricsStoreOptions): MetricsStore {
  const series = createSeriesNumbers(db);
  const spans = createSpanTable(db);
  const owe = db.prepare("insert or ignore into owed_span (step_ms, at) values (?, ?)");
  const settle = db.prepare("delete from owed_span where step_ms = ? and at = ?");
  const oldest = db.prepare<[number, number, number], { at: number }>(
    "select at from owed_span where step_ms = ? and at <= ? order by at limit ?",
  );
  const newestOwed = db.prepare<[number, number], { at: number }>(
    "select at from owed_span where step_ms = ? order by at desc limit ?",
  );
  const oweCoarser = db.prepare(
    `insert or ignore into owed_span (step_ms, at)
     select distinct ?, at - at % ? from owed_span where step_ms = ? and at < ?`,
  );
  const settleAll = db.prepare("delete from owed_span where step_ms = ? and at < ?");

  const named = ({ at, span }: SpanAt): Rollup => ({ at, values: namedSpan(span, series.names) });
  const onePerSpan = sampleMs >= finest.stepMs;

  /** As many from the start as fit. */
  const within = <Item extends { values: object }>(items: Iterable<Item>, characters: number, each: number): Item[] => {
    const taken: Item[] = [];
    let total = 0;
    for (const item of items) {
      total += Object.keys(item.values).reduce((sum, name) => sum + name.length + each, 0);
      if (taken.length > 0 && total > characters) break;
      taken.push(item);
    }
    return taken;
  };

  return {
    add: db.transaction((sample: Sample) => {
      const at = sample.at - (sample.at % finest.stepMs);
      const before = spans.get(finest.stepMs, at);
      if (onePerSpan && before !== undefined) return false;
      spans.put(finest.stepMs, at, joined(before, packableSample(sample, series.ids(Object.keys(sample.values)))));
      owe.run(finest.stepMs, at);
      return true;
    }),
    newest: () => {
      const newest = spans.newest();
      return newest === undefined ? undefined : meansOf(named(newest));
    },
    unreported: ({ count, characters }) => {
      // A span that more samples will fall into is not told yet.
      const until = onePerSpan ? now() : now() - finest.stepMs;
      const waiting = oldest.all(finest.stepMs, until, count).flatMap(({ at }) => {
        const span = spans.get(finest.stepMs, at);
        return span === undefined ? [] : [meansOf(named({ at, span }))];
      });
      return within(waiting, characters, CHARACTERS_A_NUMBER);
    },
    markReported: db.transaction((moments: readonly number[]) => {
      for (const at of moments) settle.run(finest.stepMs, at);
    }),
    missed: ({ count, characters }) => {
      for (const { stepMs } of resolutions.slice(1)) {
        const waiting = newestOwed.all(stepMs, count).flatMap(({ at }) => {
          const span = spans.get(stepMs, at);
          return span === undefined ? [] : [named({ at, span })];
        });
        const some = within(waiting, characters, COLUMNS * CHARACTERS_A_NUMBER);
        if (some.length > 0) return { stepMs, spans: some };
      }
      return undefined;
    },
    markFilled: db.transaction((stepMs: number, starts: readonly number[]) => {
      for (const at of starts) settle.run(stepMs, at);
    }),
    view: (fromMs, toMs) => {
      const { name, stepMs } = chooseResolution(fromMs, toMs, now());
      const from = fromMs - (fromMs % stepMs);
      const points = spans.list(stepMs, from, toMs).map(named);
      const known = gaps.list(from, toMs);
      return { resolution: name, stepMs, points, gaps: gapsIn({ points, stepMs, from, to: toMs, known }) };
    },
    prune: db.transaction(() => {
      spans.rollUp(now());
      for (const [place, { stepMs, keptMs }] of resolutions.entries()) {
        const before = now() - keptMs;
        const coarser = resolutions[place + 1];
        if (coarser !== undefined) oweCoarser.run(coarser.stepMs, coarser.stepMs, stepMs, before);
        settleAll.run(stepMs, before);
        spans.forget(stepMs, before);
      }
    }),
  };
}

/** With its comma and quotation marks. */
const CHARACTERS_A_NUMBER = 12;
const COLUMNS = 4;

const meansOf = ({ at, values }: Rollup): Sample => ({
  at,
  values: Object.fromEntries(Object.entries(values).map(([series, [, mean]]) => [series, mean])),
});
