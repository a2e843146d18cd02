import { describe, expect, it } from "vitest";
import { createMetricsStore } from "#agent/metrics/store.ts";
import { openStore } from "#agent/store/database.ts";

const START = 1_800_000_000_000;
const HOUR = 3_600_000;
const everything = { count: 1000, characters: 10_000_000 };

function open(sampleMs = 10_000) {
  let time = START;
  const db = openStore(":memory:");
  const now = () => time;
  return {
    db,
    store: createMetricsStore({ db, sampleMs, now }),
    goTo: (moment: number) => {
      time = moment;
    },
    rows: (stepMs: number) =>
      Number(db.prepare<[number], { n: number }>("select count(*) as n from rollup where step_ms = ?").get(stepMs)?.n),
  };
}

describe("samples", () => {
  it("fall into a span of each resolution", () => {
    const { store, goTo } = open();
    for (const [index, value] of [10, 20, 60].entries())
      store.add({ at: START + index * 10_000, values: { cpu_percent: value } });
    goTo(START + 30_000);
    expect(store.view(START, START + 30_000)).toEqual({
      resolution: "10s",
      stepMs: 10_000,
      points: [10, 20, 60].map((value, index) => ({
        at: START + index * 10_000,
        values: { cpu_percent: [value, value, value, 1] },
      })),
    });
    goTo(START + 2 * HOUR);
    expect(store.view(START, START + 60_000)).toMatchObject({
      resolution: "1m",
      points: [{ at: START, values: { cpu_percent: [10, 30, 60, 3] } }],
    });
    goTo(START + 48 * HOUR);
    expect(store.view(START, START + HOUR)).toMatchObject({
      resolution: "10m",
      points: [{ at: START, values: { cpu_percent: [10, 30, 60, 3] } }],
    });
  });

  it("are counted once, however often they come", () => {
    const { store, goTo } = open();
    expect(store.add({ at: START, values: { load_1: 1 } })).toBe(true);
    expect(store.add({ at: START, values: { load_1: 9 } })).toBe(false);
    goTo(START + 2 * HOUR);
    expect(store.view(START, START).points).toEqual([{ at: START, values: { load_1: [1, 1, 1, 1] } }]);
  });

  it("share a span when they are finer than it, which is told when it is full", () => {
    const { store, goTo } = open(1000);
    for (const second of [0, 1, 2]) store.add({ at: START + second * 1000, values: { load_1: second } });
    goTo(START + 3000);
    expect(store.unreported(everything)).toEqual([]);
    goTo(START + 10_000);
    expect(store.unreported(everything)).toEqual([{ at: START, values: { load_1: 1 } }]);
  });
});

describe("what the hub did not get", () => {
  it("is given oldest first, in batches bounded by number and size, until it is marked", () => {
    const { store } = open();
    const moments = [0, 1, 2, 3].map((index) => START - 100_000 + index * 10_000);
    for (const at of moments.toReversed()) store.add({ at, values: { load_1: 1 } });
    const batch = store.unreported({ count: 3, characters: 10_000 });
    expect(batch.map(({ at }) => at)).toEqual(moments.slice(0, 3));
    expect(store.unreported({ count: 3, characters: 45 })).toHaveLength(2);
    expect(store.unreported({ count: 3, characters: 1 })).toHaveLength(1);
    expect(store.unreported(everything)).toHaveLength(4);
    store.markReported(moments.slice(0, 3));
    expect(store.unreported(everything).map(({ at }) => at)).toEqual(moments.slice(3));
  });

  it("outlives its hour for a day", () => {
    const { store, goTo, rows } = open();
    store.add({ at: START, values: { load_1: 1 } });
    store.add({ at: START + 10_000, values: { load_1: 2 } });
    store.markReported([START]);
    goTo(START + HOUR + 20_000);
    store.prune();
    expect(store.unreported(everything).map(({ at }) => at)).toEqual([START + 10_000]);
    goTo(START + 25 * HOUR + 20_000);
    store.prune();
    expect([10_000, 60_000, 600_000].map(rows)).toEqual([0, 0, 1]);
  });
});

describe("prune", () => {
  it("keeps each resolution as long as it says", () => {
    const { store, goTo, rows } = open();
    store.add({ at: START, values: { load_1: 1 } });
    store.markReported([START]);
    goTo(START + HOUR);
    store.prune();
    expect([10_000, 60_000, 600_000].map(rows)).toEqual([1, 1, 1]);
    goTo(START + HOUR + 1);
    store.prune();
    expect([10_000, 60_000, 600_000].map(rows)).toEqual([0, 1, 1]);
    goTo(START + 31 * 24 * HOUR);
    store.prune();
    expect([10_000, 60_000, 600_000].map(rows)).toEqual([0, 0, 0]);
  });
});
