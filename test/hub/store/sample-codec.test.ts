import { describe, expect, it } from "vitest";
import { decodeJournal, decodeSamples, encodeJournal, encodeSamples, type Measured } from "#hub/store/sample-codec.ts";

const measured = (at: number, layout: number, values: readonly number[]): Measured => ({
  at,
  layout: { id: layout, series: Uint32Array.from(values, (_value, place) => place + 1) },
  values: Float32Array.from(values),
});
const coded = ({ at, layout, values }: Measured) => ({ at, layout: layout.id, values });

const samples = [
  measured(1_795_000_000_123, 7, [1, Number.NaN, -3.5]),
  measured(0, 4_000_000_000, []),
  measured(5, 1, [3.4e38]),
];

describe("samples", () => {
  it.each([
    ["none", []],
    ["one", samples.slice(0, 1)],
    ["several of different layouts", samples],
  ])("come back as they were: %s", (_what, some) => {
    expect(decodeSamples(encodeSamples(some))).toEqual(some.map(coded));
  });

  it("are read from wherever they are in memory", () => {
    const shifted = Buffer.concat([Buffer.from([0]), encodeSamples(samples)]).subarray(1);
    expect(decodeSamples(shifted)).toEqual(samples.map(coded));
  });

  it("take sixteen bytes, and four for each value", () => {
    expect(encodeSamples([measured(1, 1, Array(165).fill(1))]).length).toBe(16 + 165 * 4);
  });

  it("are refused where something is missing", () => {
    const bytes = encodeSamples(samples);
    for (const length of [1, 15, 20, bytes.length - 1])
      expect(() => decodeSamples(bytes.subarray(0, length))).toThrow("cannot be read");
  });
});

describe("an entry of the journal", () => {
  it("keeps apart what is of several beacons", () => {
    const entries = [
      { beacon: "bcn_12345678", samples },
      { beacon: "bcn_größer", samples: [] },
      { beacon: "bcn_87654321", samples: samples.slice(1) },
    ];
    expect(decodeJournal(encodeJournal(entries).bytes)).toEqual(
      entries.map(({ beacon, samples: some }) => ({ beacon, samples: some.map(coded) })),
    );
    expect(decodeJournal(encodeJournal([]).bytes)).toEqual([]);
  });

  it("has its samples as views on its bytes, which take no memory of their own", () => {
    const { bytes, entries } = encodeJournal([
      { beacon: "bcn_1", samples },
      { beacon: "bcn_22", samples: samples.slice(1) },
    ]);
    expect(entries.map(({ beacon }) => beacon)).toEqual(["bcn_1", "bcn_22"]);
    expect(entries.flatMap((entry) => entry.samples)).toEqual([...samples, ...samples.slice(1)]);
    for (const { values } of entries.flatMap((entry) => entry.samples)) expect(values.buffer).toBe(bytes.buffer);
  });

  it("of a former hub, whose ids were not filled up, is read as well", () => {
    const id = Buffer.from("bcn_12345");
    const values = encodeSamples(samples);
    const header = Buffer.alloc(8);
    header.writeUInt32LE(id.length, 0);
    header.writeUInt32LE(values.length, 4);
    expect(decodeJournal(Buffer.concat([header, id, values]))).toEqual([
      { beacon: "bcn_12345", samples: samples.map(coded) },
    ]);
  });
});
