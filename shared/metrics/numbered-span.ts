import { z } from "zod";
import { Timestamp } from "../names.ts";
import type { Rollup } from "./sample.ts";
import { type createSeriesTable, type NamedSeries, NumberedSample } from "./series-table.ts";

const { values: Values } = NumberedSample.shape;

/** A span of time of which all was measured that will be: a column for each of what a `Rollup` tells of a series, which are the link's. */
export const NumberedSpan = z.object({ at: Timestamp, min: Values, mean: Values, max: Values, count: Values });
export type NumberedSpan = z.output<typeof NumberedSpan>;

const columns = ["min", "mean", "max", "count"] as const;

const columnOf = ({ at, values }: Rollup, index: number) => ({
  at,
  values: Object.fromEntries(Object.entries(values).map(([series, numbers]) => [series, numbers[index] ?? 0])),
});

/** Says spans to one link. */
export function numberSpans(
  table: ReturnType<typeof createSeriesTable>,
  spans: readonly Rollup[],
): { series: NamedSeries | undefined; spans: NumberedSpan[] } {
  const { series, samples } = table.number(spans.flatMap((span) => columns.map((_, index) => columnOf(span, index))));
  const valuesAt = (place: number) => samples[place]?.values ?? [];
  return {
    series,
    spans: spans.map(({ at }, nth) => {
      const place = nth * columns.length;
      return {
        at,
        min: valuesAt(place),
        mean: valuesAt(place + 1),
        max: valuesAt(place + 2),
        count: valuesAt(place + 3),
      };
    }),
  };
}
