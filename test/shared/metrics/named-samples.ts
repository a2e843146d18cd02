import type { Sample } from "#shared/metrics/sample.ts";
import type { NamedSeries, NumberedSample } from "#shared/metrics/series-table.ts";

/** The series of a link once `more` was said. */
export const withNames = (table: readonly string[], { from, names }: NamedSeries): readonly string[] => [
  ...table.slice(0, from),
  ...names,
];

/** The samples with the names of their series. */
export const namedSamples = (table: readonly string[], samples: readonly NumberedSample[]): Sample[] =>
  samples.map(({ at, values }) => {
    const named = values.flatMap((value, number) =>
      value === null ? [] : [[table[number] ?? `without a name: ${number}`, value] as const],
    );
    return { at, values: Object.fromEntries(named) };
  });
