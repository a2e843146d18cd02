import { describe, expect, it } from "vitest";
import { createGapLog } from "#agent/metrics/gap-log.ts";
import { createMetricsStore } from "#agent/metrics/store.ts";
import { openStore } from "#agent/store/database.ts";

const START = 1_800_000_000_000;
const HOUR = 3_600_000;
const everything = { count: 1000, characters: 10_000_000 };

function open(sampleMs = 10_000) {
  let time = START;
  const db = openStore(":memory:");
  const now = () => time;
  const gaps = createGapLog(db, now);
  return {
    gaps,
    store: createMetricsStore({ db, sampleMs, gaps, now }),
    goTo: (moment: number) => {
      time = moment;
    },
    rows: (stepMs: number) =>
      Number(db.prepare<[number], { n: number }>("select count(*) as n from span where step_ms = ?").get(stepMs)?.n),
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
      gaps: [],
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

  it("is owed as whole minutes once the samples are forgotten, the newest first", () => {
    const { store, goTo } = open();
    for (let index = 0; index < 18; index += 1) store.add({ at: START + index * 10_000, values: { load_1: index } });
    // Of the first minute the hub has two samples, of the second it has all, of the third none.
    store.markReported([0, 1, 6, 7, 8, 9, 10, 11].map((index) => START + index * 10_000));
    goTo(START + HOUR);
    store.prune();
    expect([store.unreported(everything).length, store.missed(everything)]).toEqual([10, undefined]);
    goTo(START + HOUR + 180_000);
    store.prune();
    expect(store.unreported(everything)).toEqual([]);
    const minutes = [
      { at: START + 120_000, values: { load_1: [12, 14.5, 17, 6] } },
      { at: START, values: { load_1: [0, 2.5, 5, 6] } },
    ];
    expect(store.missed(everything)).toEqual({ stepMs: 60_000, spans: minutes });
    expect(store.missed({ count: 1, characters: 1000 })?.spans).toEqual(minutes.slice(0, 1));
    expect(store.missed({ count: 5, characters: 1 })?.spans).toEqual(minutes.slice(0, 1));
    store.markFilled(60_000, [START + 120_000]);
    expect(store.missed(everything)?.spans).toEqual(minutes.slice(1));
    store.markFilled(60_000, [START]);
    expect(store.missed(everything)).toBeUndefined();
  });

  it("is owed in spans of ten minutes once the minutes are forgotten, and a month later no more", () => {
    const { store, goTo } = open();
    for (let index = 0; index < 120; index += 1)
      store.add({ at: START + index * 10_000, values: { load_1: index % 60 } });
    goTo(START + 24 * HOUR + 60_000);
    store.prune();
    store.prune();
    expect(store.missed(everything)?.spans).toHaveLength(19);
    goTo(START + 48 * HOUR);
    store.prune();
    expect(store.missed(everything)).toEqual({
      stepMs: 600_000,
      spans: [START + 600_000, START].map((at) => ({ at, values: { load_1: [0, 29.5, 59, 60] } })),
    });
    goTo(START + 31 * 24 * HOUR);
    store.prune();
    expect(store.missed(everything)).toBeUndefined();
  });

  it("stays within its bounds for as long as no hub is there", () => {
    const { store, goTo, rows } = open();
    for (let minute = 0; minute < 26 * 60; minute += 1) {
      goTo(START + minute * 60_000);
      store.add({ at: START + minute * 60_000, values: { load_1: 1 } });
      store.prune();
    }
    expect([10_000, 60_000, 600_000].map(rows)).toEqual([61, 1440, 155]);
    expect(store.unreported(everything)).toHaveLength(61);
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

describe("times without measurements", () => {
  it("are told with what is known of them", () => {
    const { store, gaps, goTo } = open();
    for (const index of [0, 1, 2, 30, 31, 60]) store.add({ at: START + index * 10_000, values: { load_1: 1 } });
    gaps.add([{ from: START + 30_000, to: START + 300_000, reason: "agent-off" }]);
    goTo(START + 610_000);
    expect(store.view(START, START + 610_000).gaps).toEqual([
      { from: START + 30_000, to: START + 300_000, reason: "agent-off" },
      { from: START + 320_000, to: START + 600_000, reason: "unknown" },
    ]);
  });
});
