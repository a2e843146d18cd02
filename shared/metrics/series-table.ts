import { z } from "zod";
import { Timestamp } from "../names.ts";
import { type Sample, SeriesName } from "./sample.ts";

/** Series that one link may know by number. */
export const MOST_SERIES = 10_000;
/** Significant digits that are sent: as many as 32 bits hold (IEEE 754), which is what both ends keep. */
const DIGITS = 7;

const isMeasured = (value: unknown) => value === null || Number.isFinite(value);

/** By the numbers of the link's series, from 0; `null` is for what was not measured, and so is what is missing at the end. */
const Values = z.custom<readonly (number | null)[]>(
  (values) => Array.isArray(values) && values.length <= MOST_SERIES && values.every(isMeasured),
  "expected numbers",
);

/** Gives series of this link their numbers, from `from` on; from 0 on, all former ones are forgotten. */
export const NamedSeries = z.object({
  from: z.number().int().nonnegative(),
  names: z.array(SeriesName).min(1).max(MOST_SERIES),
});
export type NamedSeries = z.output<typeof NamedSeries>;

/** A sample whose series are the link's. */
export const NumberedSample = z.object({ at: Timestamp, values: Values });
export type NumberedSample = z.output<typeof NumberedSample>;

export interface NumberedSamples {
  /** To be said before the samples. */
  readonly series: NamedSeries | undefined;
  readonly samples: NumberedSample[];
}

/** Says samples to one link, and each name but once. */
export function createSeriesTable(): { number(samples: readonly Sample[]): NumberedSamples } {
  let numbers = new Map<string, number>();

  /** Numbers for all of these; a table of which most is of apps that are gone is begun anew. */
  const learn = (used: ReadonlySet<string>): NamedSeries | undefined => {
    const fresh = [...used].filter((name) => !numbers.has(name));
    const isWorn = numbers.size + fresh.length > Math.min(MOST_SERIES, Math.max(100, 2 * used.size));
    const names = isWorn ? [...used] : fresh;
    if (isWorn) numbers = new Map();
    const from = numbers.size;
    for (const name of names) numbers.set(name, numbers.size);
    return names.length === 0 ? undefined : { from, names };
  };

  return {
    number: (samples) => {
      const series = learn(new Set(samples.flatMap(({ values }) => Object.keys(values))));
      const names = [...numbers.keys()];
      const rounded = (value: number | undefined) => (value === undefined ? null : Number(value.toPrecision(DIGITS)));
      return {
        series,
        samples: samples.map(({ at, values }) => ({
          at,
          values: names.map((name) => rounded(Object.hasOwn(values, name) ? values[name] : undefined)),
        })),
      };
    },
  };
}
