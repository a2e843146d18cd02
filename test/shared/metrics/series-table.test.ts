import { describe, expect, it } from "vitest";
import type { Sample } from "#shared/metrics/sample.ts";
import { createSeriesTable, NumberedSample } from "#shared/metrics/series-table.ts";
import { namedSamples, withNames } from "./named-samples.ts";

/** Both ends of a link, with what was said on it. */
function ends() {
  const sender = createSeriesTable();
  let table: readonly string[] = [];
  const said: unknown[] = [];
  return {
    said,
    carry: (samples: readonly Sample[]) => {
      const { series, samples: numbered } = sender.number(samples);
      if (series !== undefined) {
        said.push(series);
        table = withNames(table, series);
      }
      return namedSamples(table, NumberedSample.array().parse(JSON.parse(JSON.stringify(numbered))));
    },
  };
}

const sample = (at: number, values: Record<string, number>): Sample => ({ at, values });

describe("samples that cross a link", () => {
  it("are the same at its other end, and each name is said once", () => {
    const { carry, said } = ends();
    const batches = [
      [sample(1, { a: 1, b: -2.5 }), sample(2, { b: 0 })],
      [sample(3, {}), sample(4, { c: 1e300, a: 7 })],
      [sample(5, { c: 1e-9 })],
    ];
    for (const batch of batches) expect(carry(batch)).toEqual(batch);
    expect(said).toEqual([
      { from: 0, names: ["a", "b"] },
      { from: 2, names: ["c"] },
    ]);
  });

  it("have the digits that 32 bits hold", () => {
    const { carry } = ends();
    expect(carry([sample(1, { bytes: 8_246_177_792, percent: 12.345678901, tiny: 0.1 + 0.2 })])).toEqual([
      sample(1, { bytes: 8_246_178_000, percent: 12.34568, tiny: 0.3 }),
    ]);
  });

  it("do not carry series of apps that are gone for ever", () => {
    const { carry, said } = ends();
    const generation = (number: number) =>
      Object.fromEntries(
        Array.from({ length: 90 }, (_series, index) => [`container/app${number}/web/${index}`, index]),
      );
    for (let number = 0; number < 10; number++) {
      const batch = [sample(number, { load_1: 1, ...generation(number) })];
      expect(carry(batch)).toEqual(batch);
    }
    expect(said.filter((one) => JSON.stringify(one).startsWith('{"from":0'))).toHaveLength(5);
  });

  it("may have names that every object has", () => {
    const { carry } = ends();
    const [got] = carry([sample(1, { constructor: 1, toString: 2 })]);
    expect(Object.entries(got?.values ?? {})).toEqual([
      ["constructor", 1],
      ["toString", 2],
    ]);
    expect(Object.keys(carry([sample(2, { load_1: 1 })])[0]?.values ?? {})).toEqual(["load_1"]);
  });
});
