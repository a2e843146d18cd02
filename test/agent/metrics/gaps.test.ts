import { uptime } from "node:os";
import { describe, expect, it } from "vitest";
import { createGapLog } from "#agent/metrics/gap-log.ts";
import { createGapWatch, systemAgeMs } from "#agent/metrics/gap-watch.ts";
import { gapsSince } from "#agent/metrics/gaps-since.ts";
import { createHostFiles } from "#agent/metrics/host-files.ts";
import { openStore } from "#agent/store/database.ts";

const START = 1_800_000_000_000;
const MINUTE = 60_000;
const since = { lastSampleAt: START, sampleMs: 10_000 };

describe("gapsSince", () => {
  it("finds none where samples follow each other, or one is late", () => {
    expect(gapsSince({ ...since, sampleAt: START + 10_000, bootedAt: START - 1 })).toEqual([]);
    expect(gapsSince({ ...since, sampleAt: START + 20_000, bootedAt: START - 1 })).toEqual([]);
  });

  it("tells an agent that did not run from a machine that was off", () => {
    const sampleAt = START + 10 * MINUTE;
    const from = START + 10_000;
    expect(gapsSince({ ...since, sampleAt, bootedAt: START - MINUTE })).toEqual([
      { from, to: sampleAt, reason: "agent-off" },
    ]);
    expect(gapsSince({ ...since, sampleAt, bootedAt: sampleAt - 20_000 })).toEqual([
      { from, to: sampleAt, reason: "beacon-off" },
    ]);
    const bootedAt = START + 4 * MINUTE;
    expect(gapsSince({ ...since, sampleAt, bootedAt })).toEqual([
      { from, to: bootedAt, reason: "beacon-off" },
      { from: bootedAt, to: sampleAt, reason: "agent-off" },
    ]);
  });
});

describe("systemAgeMs", () => {
  const stat = (name: string, ticks: number) => `1 (${name}) S ${"0 ".repeat(18)}${ticks} 0 0`;
  const files = (uptime: string, first: string) => ({
    read: (path: string) => (path === "/proc/uptime" ? uptime : path === "/proc/1/stat" ? first : undefined),
  });

  it("is the age of the first process: of the machine, or of the container that is a system of its own", () => {
    expect(systemAgeMs(files("1000.50 3000.00\n", stat("systemd", 50)))).toBe(1_000_000);
    expect(systemAgeMs(files("1000.00 3000.00\n", stat("in) (it", 99_000)))).toBe(10_000);
  });

  it("is unknown where nothing tells it", () => {
    expect(systemAgeMs({ read: () => undefined })).toBeUndefined();
  });

  it("is that of this machine", () => {
    const age = systemAgeMs(createHostFiles());
    expect(age).toBeGreaterThan(0);
    expect(age).toBeLessThanOrEqual(uptime() * 1000 + 1000);
  });
});

function watch(lastAt: number | undefined, ageMs = 10 ** 9) {
  const gaps = createGapLog(openStore(":memory:"), () => START);
  let elapsed = 0;
  const ticks = () => 10 ** 10 - ageMs / 10;
  const watcher = createGapWatch({
    files: {
      read: (path) => (path === "/proc/uptime" ? `${10 ** 8}.00 0` : `1 (init) S ${"0 ".repeat(18)}${ticks()} 0`),
    },
    store: { newest: () => (lastAt === undefined ? undefined : { at: lastAt, values: {} }) },
    gaps,
    sampleMs: 10_000,
    monotonic: () => elapsed,
  });
  return {
    gaps: () => gaps.list(0, START * 2),
    sampled: (at: number, passedMs: number) => {
      elapsed += passedMs;
      watcher.sampled(at);
    },
  };
}

describe("the watch", () => {
  it("knows of no gap before the first sample of all", () => {
    const { sampled, gaps } = watch(undefined);
    sampled(START, 0);
    expect(gaps()).toEqual([]);
  });

  it("tells why nothing was measured until its start", () => {
    const killed = watch(START);
    killed.sampled(START + 10 * MINUTE, 5);
    expect(killed.gaps()).toMatchObject([{ reason: "agent-off" }]);
    const booted = watch(START, 30_000);
    booted.sampled(START + 10 * MINUTE, 5);
    expect(booted.gaps()).toMatchObject([{ reason: "beacon-off", from: START + 10_000, to: START + 10 * MINUTE }]);
  });

  it("notices that its own process stood still", () => {
    const { sampled, gaps } = watch(START);
    sampled(START + 10_000, 10_000);
    sampled(START + 20_000, 10_000);
    sampled(START + 620_000, 600_000);
    expect(gaps()).toEqual([{ from: START + 30_000, to: START + 620_000, reason: "agent-off" }]);
  });

  it("says nothing of a time that a clock which was corrected has skipped", () => {
    const { sampled, gaps } = watch(START);
    sampled(START + 10_000, 10_000);
    sampled(START + 3 * 3_600_000, 10_000);
    expect(gaps()).toEqual([]);
  });
});

describe("the log", () => {
  it("keeps gaps until they are told, and tells one again that has grown", () => {
    const log = createGapLog(openStore(":memory:"), () => START);
    const gap = { from: START - 9000, to: START - 5000, reason: "agent-off" as const };
    log.add([gap, { ...gap, from: START - 4000, to: START - 1000 }]);
    log.add([gap]);
    expect(log.unreported(10)).toHaveLength(2);
    log.markReported(log.unreported(1));
    expect(log.unreported(10)).toMatchObject([{ from: START - 4000 }]);
    log.add([{ ...gap, to: START - 4500 }]);
    expect(log.unreported(10)).toHaveLength(2);
    expect(log.list(START - 4600, START - 4000)).toMatchObject([{ to: START - 4500 }]);
  });

  it("forgets what no chart reaches", () => {
    let time = START;
    const log = createGapLog(openStore(":memory:"), () => time);
    log.add([{ from: START, to: START + 1, reason: "beacon-off" }]);
    time += 31 * 86_400_000;
    log.add([]);
    expect(log.list(0, time)).toEqual([]);
  });
});
