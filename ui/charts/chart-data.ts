import type { MetricsView } from "#shared/api/beacon.ts";
import type { GapReason } from "#shared/metrics/gaps.ts";
import type { Rollup, Sample } from "#shared/metrics/sample.ts";
import type { TimeWindow } from "./chart-view.ts";

/** `null`: nothing was measured. `undefined`: this moment is one of another line, and says nothing of this one. */
export type Values = readonly (number | null | undefined)[];

/** Lowest, mean and highest value at each moment. */
export interface Column {
  readonly min: Values;
  readonly mean: Values;
  readonly max: Values;
}

/** A span in which nothing was measured. */
export interface Gap extends TimeWindow {
  /** Why, where that is known. */
  readonly reason?: GapReason | undefined;
}

/** What charts of one span are drawn from. */
export interface ChartData {
  /** Seconds since the epoch. */
  readonly x: readonly number[];
  readonly columns: Readonly<Record<string, Column>>;
  readonly gaps: readonly Gap[];
}

type Span = readonly [min: number, mean: number, max: number];

interface Point {
  readonly at: number;
  readonly value: (series: string) => Span | undefined;
}

const pointOfRollup = (rollup: Rollup): Point => ({
  at: rollup.at,
  value: (series) => {
    const span = Object.hasOwn(rollup.values, series) ? rollup.values[series] : undefined;
    return span === undefined ? undefined : [span[0], span[1], span[2]];
  },
});

const pointOfSample = (sample: Sample): Point => ({
  at: sample.at,
  value: (series) => {
    const value = Object.hasOwn(sample.values, series) ? sample.values[series] : undefined;
    return value === undefined ? undefined : [value, value, value];
  },
});

/** How late the newest point may be before that is a gap: it is on its way. */
const LATE_MS = 30_000;

/**
 * Spans as the beacon stored them. Where one is missing, the line breaks. Why, is told with them; where nothing is told, `window`
 * says what is missing at either end.
 */
export function chartOfMetrics(view: MetricsView, series: readonly string[], window?: TimeWindow): ChartData {
  const { points, stepMs, gaps: told } = view;
  const data = chartOf(points.map(pointOfRollup), { gapMs: stepMs * 1.5, lengthMs: stepMs }, series);
  if (told.length > 0) {
    return { ...data, gaps: told.map(({ from, to, reason }) => ({ fromMs: from, toMs: to, reason })) };
  }
  const [first, last] = [points[0], points.at(-1)];
  if (window === undefined || first === undefined || last === undefined) return data;
  const isEarly = first.at - window.fromMs > stepMs * 1.5;
  const isLate = window.toMs - last.at - stepMs > stepMs * 1.5 + LATE_MS;
  return {
    ...data,
    gaps: [
      ...(isEarly ? [{ fromMs: window.fromMs, toMs: first.at }] : []),
      ...data.gaps,
      ...(isLate ? [{ fromMs: last.at + stepMs, toMs: window.toMs }] : []),
    ],
  };
}

/** Samples of each second. A break of over three seconds is a gap. */
export const chartOfSamples = (samples: readonly Sample[], series: readonly string[]): ChartData =>
  chartOf(samples.map(pointOfSample), { gapMs: 3_000, lengthMs: 1_000 }, series);

const nothing = () => undefined;

/** A gap begins right after the last point and ends right before the next, so that a pointer within it finds nothing. */
function withGaps(points: readonly Point[], gapMs: number): Point[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    if (before === undefined || point.at - before.at <= gapMs) return [point];
    return [{ at: before.at + 1, value: nothing }, { at: point.at - 1, value: nothing }, point];
  });
}

interface Rhythm {
  /** Points that are further apart have a gap between them. */
  readonly gapMs: number;
  /** How long a point lasts. */
  readonly lengthMs: number;
}

function chartOf(points: readonly Point[], { gapMs, lengthMs }: Rhythm, series: readonly string[]): ChartData {
  const drawn = withGaps(points, gapMs);
  const column = (name: string, index: 0 | 1 | 2) => drawn.map(({ value }) => value(name)?.[index] ?? null);
  const columns = series.map((name) => [name, { min: column(name, 0), mean: column(name, 1), max: column(name, 2) }]);
  return {
    x: drawn.map(({ at }) => at / 1_000),
    columns: Object.fromEntries(columns),
    gaps: points.flatMap(({ at }, index) => {
      const before = points[index - 1];
      return before === undefined || at - before.at <= gapMs ? [] : [{ fromMs: before.at + lengthMs, toMs: at }];
    }),
  };
}

/** The newest value of a series, if it is known. */
export const lastOf = (data: ChartData, series: string): number | undefined =>
  data.columns[series]?.mean.findLast((value) => value !== undefined) ?? undefined;

/** What a line says at a moment; where that moment is another line's, what it says nearest to it. */
export function valueAt(values: Values, index: number): number | undefined {
  for (let distance = 0; distance < values.length; distance++) {
    for (const value of [values[index - distance], values[index + distance]]) {
      if (value !== undefined) return value ?? undefined;
    }
  }
  return undefined;
}

/** The moments of a chart some time later, as if they were of then. */
export const later = (data: ChartData, byMs: number): ChartData => ({
  ...data,
  x: data.x.map((second) => second + byMs / 1_000),
  gaps: data.gaps.map(({ fromMs, toMs, reason }) => ({ fromMs: fromMs + byMs, toMs: toMs + byMs, reason })),
});

/** Name of a line of what is compared with, among those of what is looked at. */
export const comparedName = (series: string): string => `~${series}`;

/** Both on one time axis. Gaps that are marked are those of the first. */
export function besides(data: ChartData, compared: ChartData): ChartData {
  const x = [...new Set([...data.x, ...compared.x])].sort((a, b) => a - b);
  const spread = ({ x: own, columns }: ChartData) => {
    const places = new Map(own.map((second, index) => [second, index]));
    const moments = x.map((second) => places.get(second));
    const along = (values: Values) => {
      let before: Values[number];
      return moments.map((index) => {
        // A moment of the other within a gap of this one is of the gap.
        if (index !== undefined) before = values[index];
        else if (before !== null) return undefined;
        return before;
      });
    };
    return Object.entries(columns).map(
      ([name, { min, mean, max }]) => [name, { min: along(min), mean: along(mean), max: along(max) }] as const,
    );
  };
  const theirs = spread(compared).map(([name, column]) => [comparedName(name), column] as const);
  return { x, columns: Object.fromEntries([...spread(data), ...theirs]), gaps: data.gaps };
}

export interface TableRow {
  /** Seconds since the epoch. */
  readonly from: number;
  readonly cells: readonly { readonly min: number; readonly mean: number; readonly max: number }[];
}

/** The same in words: at most `most` spans of equal length, each with what was measured in it; newest first. */
export function tableRows(data: ChartData, series: readonly string[], most: number): TableRow[] {
  const [first, last] = [data.x[0], data.x.at(-1)];
  if (first === undefined || last === undefined) return [];
  const length = Math.max(1, (last - first + 1) / most);
  const rows = Map.groupBy(data.x.keys(), (index) => Math.floor(((data.x[index] ?? 0) - first) / length));
  return [...rows.values()]
    .map((indexes) => ({
      from: data.x[indexes[0] ?? 0] ?? 0,
      cells: series.map((name) => {
        const column = data.columns[name];
        const of = (values: Values = []) => indexes.flatMap((index) => values[index] ?? []);
        const means = of(column?.mean);
        return {
          min: Math.min(...of(column?.min)),
          mean: means.reduce((sum, value) => sum + value, 0) / means.length,
          max: Math.max(...of(column?.max)),
        };
      }),
    }))
    .filter(({ cells }) => cells.some(({ mean }) => !Number.isNaN(mean)))
    .reverse();
}
