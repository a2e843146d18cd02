import { describe, expect, it } from "vitest";
import { type Gap, type GapQuestion, gapsIn } from "#shared/metrics/gaps.ts";

const STEP = 10;
const ask = (moments: readonly number[], question: Partial<GapQuestion> = {}) =>
  gapsIn({ points: moments.map((at) => ({ at })), stepMs: STEP, from: 0, to: 100, known: [], ...question });
const everyStep = (from: number, to: number) =>
  Array.from({ length: (to - from) / STEP }, (_moment, index) => from + index * STEP);
const gap = (from: number, to: number, reason: Gap["reason"] = "unknown"): Gap => ({ from, to, reason });

describe("a chart without a hole", () => {
  it("has no gaps, nor one of which the newest points are on their way", () => {
    expect(ask(everyStep(0, 100))).toEqual([]);
    expect(ask(everyStep(0, 80))).toEqual([]);
    expect(ask(everyStep(20, 100))).toEqual([]);
  });

  it("has none though something is said of a time that was measured", () => {
    expect(ask(everyStep(0, 100), { known: [gap(30, 60, "beacon-off")] })).toEqual([]);
  });
});

describe("a hole", () => {
  it("goes from the end of one span to the start of the next", () => {
    expect(ask([...everyStep(0, 30), ...everyStep(40, 100)])).toEqual([gap(30, 40)]);
    expect(ask([...everyStep(0, 30), ...everyStep(70, 100)])).toEqual([gap(30, 70)]);
  });

  it("may be at either end, or all there is", () => {
    expect(ask(everyStep(30, 100))).toEqual([gap(0, 30)]);
    expect(ask(everyStep(0, 70))).toEqual([gap(70, 100)]);
    expect(ask([])).toEqual([gap(0, 100)]);
  });

  it("is explained as far as is known, to the width of a span", () => {
    const points = [...everyStep(0, 20), ...everyStep(90, 100)];
    expect(ask(points, { known: [gap(20, 90, "beacon-off")] })).toEqual([gap(20, 90, "beacon-off")]);
    expect(ask(points, { known: [gap(13, 97, "beacon-off")] })).toEqual([gap(20, 90, "beacon-off")]);
    expect(ask(points, { known: [gap(24, 85, "agent-off")] })).toEqual([gap(20, 90, "agent-off")]);
    expect(ask(points, { known: [gap(20, 50, "beacon-off"), gap(50, 90, "agent-off")] })).toEqual([
      gap(20, 50, "beacon-off"),
      gap(50, 90, "agent-off"),
    ]);
    expect(ask(points, { known: [gap(40, 60, "agent-off")] })).toEqual([
      gap(20, 40),
      gap(40, 60, "agent-off"),
      gap(60, 90),
    ]);
  });

  it("is in one piece, in order and without overlap, whatever is said of it", () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % below;
    };
    for (let round = 0; round < 500; round += 1) {
      const known = Array.from({ length: random(5) }, () => {
        const from = random(120);
        return gap(from, from + 1 + random(60), "agent-off");
      }).sort((a, b) => a.from - b.from);
      const gaps = ask([...everyStep(0, 20), ...everyStep(80, 100)], { known });
      expect([gaps[0]?.from, gaps.at(-1)?.to]).toEqual([20, 80]);
      for (const [index, { from, to }] of gaps.entries()) {
        expect(to).toBeGreaterThan(from);
        if (index > 0) expect(from).toBe(gaps[index - 1]?.to);
      }
    }
  });
});
