import type { MetricsView } from "#shared/api/beacon.ts";
import type { Rollup, Sample } from "#shared/metrics/sample.ts";

/** One moment of a chart: seconds since the epoch, and mean and highest value per series; `null` is a gap. */
export interface ChartData {
  readonly x: number[];
  readonly mean: Readonly<Record<string, (number | null)[]>>;
  readonly max: Readonly<Record<string, (number | null)[]>>;
}

interface Point {
  readonly at: number;
  readonly value: (series: string) => readonly [mean: number, max: number] | undefined;
}

const pointOfRollup = (rollup: Rollup): Point => ({
  at: rollup.at,
  value: (series) => {
    const span = Object.hasOwn(rollup.values, series) ? rollup.values[series] : undefined;
    return span === undefined ? undefined : [span[1], span[2]];
  },
});

const pointOfSample = (sample: Sample): Point => ({
  at: sample.at,
  value: (series) => {
    const value = Object.hasOwn(sample.values, series) ? sample.values[series] : undefined;
    return value === undefined ? undefined : [value, value];
  },
});

/** Spans as the beacon stored them. Where one is missing, the line breaks. */
export const chartOfMetrics = ({ points, stepMs }: MetricsView, series: readonly string[]): ChartData =>
  chartOf(points.map(pointOfRollup), stepMs * 1.5, series);

/** Samples of each second. A break of over three seconds is a gap. */
export const chartOfSamples = (samples: readonly Sample[], series: readonly string[]): ChartData =>
  chartOf(samples.map(pointOfSample), 3_000, series);

const nothing = () => undefined;

/** A gap begins right after the last point and ends right before the next, so that a pointer within it finds nothing. */
function withGaps(points: readonly Point[], gapMs: number): Point[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    if (before === undefined || point.at - before.at <= gapMs) return [point];
    return [{ at: before.at + 1, value: nothing }, { at: point.at - 1, value: nothing }, point];
  });
}

function chartOf(points: readonly Point[], gapMs: number, series: readonly string[]): ChartData {
  const drawn = withGaps(points, gapMs);
  const column = (name: string, index: 0 | 1) => drawn.map(({ value }) => value(name)?.[index] ?? null);
  return {
    x: drawn.map(({ at }) => at / 1_000),
    mean: Object.fromEntries(series.map((name) => [name, column(name, 0)])),
    max: Object.fromEntries(series.map((name) => [name, column(name, 1)])),
  };
}

/** The newest value of a series, if it is known. */
export const lastOf = (data: ChartData, series: string): number | undefined => data.mean[series]?.at(-1) ?? undefined;
