import { describe, expect, test } from "vitest";
import { fitWindow, formatChartView, moved, parseChartView, ranges, zoomed } from "#ui/charts/chart-view.ts";

const HOUR_MS = 3_600_000;
const now = Date.UTC(2026, 10, 21, 12);

describe("how charts are shown", () => {
  test.each([
    "",
    "range=live",
    "range=7d&compare=week",
    "from=1000&to=61000&compare=beacon:bcn_1&services=umami/web,umami/db&charts=all&as=table",
    "services=",
  ])("stands in the address: %s", (query) => {
    expect(formatChartView(parseChartView(query))).toBe(query);
    expect(formatChartView(parseChartView(`?${query}`))).toBe(query);
  });

  test.each([
    "range=century",
    "from=5",
    "from=9&to=8",
    "from=x&to=y",
    "from=0&to=1",
    `from=0&to=${ranges[6].spanMs + 1}`,
    "compare=luck",
    "compare=beacon:",
    "as=song",
  ])("is as usual where the address makes no sense: %s", (query) => {
    expect(formatChartView(parseChartView(query))).toBe("");
  });
});

describe("a window", () => {
  const window = { fromMs: now - 2 * HOUR_MS, toMs: now - HOUR_MS };

  test("is zoomed about its middle", () => {
    expect(zoomed(window, 0.5, now)).toEqual({ fromMs: now - 1.75 * HOUR_MS, toMs: now - 1.25 * HOUR_MS });
    expect(zoomed(window, 2, now)).toEqual({ fromMs: now - 2.5 * HOUR_MS, toMs: now - 0.5 * HOUR_MS });
  });

  test("is moved by a share of itself, and never into what is to come", () => {
    expect(moved(window, -0.5, now)).toEqual({ fromMs: now - 2.5 * HOUR_MS, toMs: now - 1.5 * HOUR_MS });
    expect(moved(window, 5, now)).toEqual({ fromMs: now - HOUR_MS, toMs: now });
    expect(zoomed({ fromMs: now - HOUR_MS, toMs: now }, 4, now)).toEqual({ fromMs: now - 4 * HOUR_MS, toMs: now });
  });

  test("is no shorter than a minute, no longer than what is kept, and whole seconds", () => {
    const short = fitWindow({ fromMs: now - 5_001, toMs: now - 5_000 }, now);
    expect(short.toMs - short.fromMs).toBe(60_000);
    const long = fitWindow({ fromMs: 0, toMs: now }, now);
    expect(long.toMs - long.fromMs).toBe(ranges[6].spanMs);
    const odd = fitWindow({ fromMs: now - 100_000.4, toMs: now - 7.3 }, now);
    expect([odd.fromMs % 1_000, odd.toMs % 1_000]).toEqual([0, 0]);
  });
});
