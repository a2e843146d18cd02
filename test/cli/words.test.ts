import { describe, expect, it, test } from "vitest";
import { duration, moment, parseSpan, size, sparkline, valueWords } from "#cli/words.ts";

test.each([
  [0, "0 s"],
  [999, "0 s"],
  [40_000, "40 s"],
  [60_000, "1 min"],
  [3 * 60_000 + 20_000, "3 min 20 s"],
  [2 * 3_600_000 + 59_999, "2 h"],
  [3 * 86_400_000 + 4 * 3_600_000 + 59 * 60_000, "3 d 4 h"],
])("%i ms are %s", (ms, words) => expect(duration(ms)).toBe(words));

test.each([
  ["90s", 90_000],
  ["15m", 900_000],
  ["15", 900_000],
  ["6h", 21_600_000],
  ["7d", 604_800_000],
  ["", undefined],
  ["h", undefined],
  ["-3h", undefined],
  ["3 h", undefined],
  ["1w", undefined],
])("%s is a span of %s ms", (text, ms) => expect(parseSpan(text)).toBe(ms));

test.each([
  ["memory_used_bytes", 3 * 1024 ** 3, "3.0 GB"],
  ["disk_read_bytes_per_second", 2048, "2.0 KB/s"],
  ["cpu_percent", 12.345, "12.3 %"],
  ["uptime_seconds", 7_260, "2 h 1 min"],
  ["temperature/cpu/celsius", 51.6, "52 °C"],
  ["certificate/ada.example.org/valid_days", 61.2, "61 d"],
  ["processes_count", 212, "212"],
  ["load_1", 0.4567, "0.46"],
])("%s is said as it is meant", (series, value, words) => expect(valueWords(series, value)).toBe(words));

test("sizes have as many digits as say something", () => {
  expect([0, 512, 1536, 15 * 1024, 1.5 * 1024 ** 4].map(size)).toEqual(["0 B", "512 B", "1.5 KB", "15 KB", "1.5 TB"]);
});

test("a moment is written the same in every language", () => {
  expect(moment(new Date(2026, 0, 2, 3, 4).getTime())).toBe("2026-01-02 03:04");
});

describe("a course in one line", () => {
  it("goes from the lowest to the highest, with blanks where nothing was measured", () => {
    expect(sparkline([0, 50, undefined, 100])).toBe("▁▅ █");
  });

  it("is flat where nothing changes, and blank where nothing is", () => {
    expect(sparkline([7, 7])).toBe("▁▁");
    expect(sparkline([undefined])).toBe(" ");
    expect(sparkline([])).toBe("");
  });
});
