import { z } from "zod";

/** Name of a series in which `*` stands for one thing of several, for example `disk/*\/used_bytes`. */
export const SeriesPattern = z
  .string()
  .max(200)
  .refine((pattern) => pattern.split("*").length <= 2, "expected at most one *");

/** What stands for `*` in a name that fits; the empty text where there is none; nothing for a name that does not fit. */
export function subjectOf(pattern: string, series: string): string | undefined {
  const [before = "", after] = pattern.split("*");
  if (after === undefined) return series === before ? "" : undefined;
  const fits = series.length >= before.length + after.length && series.startsWith(before) && series.endsWith(after);
  return fits ? series.slice(before.length, series.length - after.length) : undefined;
}

/** The entries whose names fit one of the patterns; all of them where no pattern is given. */
export const pickSeries = <Value>(
  values: Readonly<Record<string, Value>>,
  patterns: readonly string[] | undefined,
): Record<string, Value> =>
  patterns === undefined
    ? values
    : Object.fromEntries(
        Object.entries(values).filter(([series]) => patterns.some((one) => subjectOf(one, series) !== undefined)),
      );
