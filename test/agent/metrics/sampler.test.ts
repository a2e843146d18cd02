import { describe, expect, it, vi } from "vitest";
import { createLive } from "#agent/metrics/live.ts";
import { keepSampling } from "#agent/metrics/sampler.ts";
import type { Sample } from "#shared/metrics/sample.ts";
import { recordLog } from "../silent-log.ts";

describe("keepSampling", () => {
  it("takes samples at multiples of the step, goes on after a failure, and stops when it is told", async () => {
    const { log, lines } = recordLog();
    const stop = new AbortController();
    const taken: Sample[] = [];
    let calls = 0;
    const running = keepSampling(
      {
        collect: async () => {
          calls += 1;
          if (calls === 3) throw new Error("broken");
          return { load_1: calls };
        },
        store: { add: (sample) => taken.push(sample) > 0, prune: () => undefined },
        gaps: { sampled: () => undefined },
        sampleMs: 100,
        now: () => Date.now(),
        onSample: () => {
          if (taken.length === 3) stop.abort();
        },
        log,
      },
      stop.signal,
    );
    await running;
    expect(taken.map(({ values }) => values.load_1)).toEqual([2, 4, 5]);
    expect(taken.every(({ at }) => at % 100 === 0)).toBe(true);
    expect(new Set(taken.map(({ at }) => at)).size).toBe(3);
    expect(lines.map(({ level }) => level)).toEqual(["error"]);
  });
});

describe("live samples", () => {
  it("are taken only while somebody listens, once for all who do", async () => {
    let measured = 0;
    const live = createLive({
      collect: async () => ({ n: ++measured }),
      everyMs: 5,
      now: () => 7,
      log: recordLog().log,
    });
    const another = createLive({ collect: async () => ({}), everyMs: 5, now: () => 7, log: recordLog().log });
    expect(measured).toBe(0);
    const seen: Sample[][] = [[], []];
    const stops = seen.map((list) => live.listen((sample) => list.push(sample)));
    await vi.waitFor(() => expect(seen[1]?.length).toBeGreaterThan(2));
    expect(seen[0]?.slice(0, 2)).toEqual(seen[1]?.slice(0, 2));
    // The first reading is only there to tell rates from.
    expect(seen[0]?.[0]).toEqual({ at: 7, values: { n: 2 } });
    stops[0]?.();
    const left = seen[0]?.length;
    const after = seen[1]?.length ?? 0;
    await vi.waitFor(() => expect(seen[1]?.length).toBeGreaterThan(after + 1));
    expect(seen[0]).toHaveLength(left ?? -1);
    stops[1]?.();
    const atEnd = measured;
    const other: Sample[] = [];
    const stopOther = another.listen((sample) => other.push(sample));
    await vi.waitFor(() => expect(other.length).toBeGreaterThan(3));
    stopOther();
    expect(measured).toBe(atEnd);
  });
});
