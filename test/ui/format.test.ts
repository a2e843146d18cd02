import { describe, expect, test } from "vitest";
import {
  formatAgo,
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  formatSize,
} from "#ui/format.ts";

describe("bytes", () => {
  test.each([
    [0, "0 B"],
    [0.4, "0 B"],
    [1023, "1023 B"],
    [1024, "1.00 KB"],
    [1024 * 12.34, "12.3 KB"],
    [1024 * 512, "512 KB"],
    [1024 ** 3 * 7.75, "7.75 GB"],
    [1024 ** 6, "1024 PB"],
  ])("%d is %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  test.each([
    [1024 ** 3 * 80, "80 GB"],
    [1024 ** 3 * 7.75, "7.8 GB"],
    [1024 * 192, "192 KB"],
  ])("as a size, %d is %s", (bytes, text) => expect(formatSize(bytes)).toBe(text));

  test("a rate is bytes per second", () => expect(formatRate(2048)).toBe("2.00 KB/s"));
});

describe("time", () => {
  test.each([
    [-5, "0 ms"],
    [850.4, "850 ms"],
    [4_230, "4.2 s"],
    [59_600, "1 min"],
    [59_400, "59 s"],
    [200_000, "3 min 20 s"],
    [3_600_000, "1 h"],
    [7_500_000, "2 h 5 min"],
    [273_600_000, "3 d 4 h"],
  ])("%d ms is %s", (ms, text) => expect(formatDuration(ms)).toBe(text));

  test.each([
    [-2_000, "just now"],
    [4_999, "just now"],
    [40_000, "40 s ago"],
    [12 * 60_000, "12 min ago"],
    [3 * 3_600_000, "3 h ago"],
    [5 * 86_400_000, "5 d ago"],
  ])("%d ms back is %s", (back, text) => expect(formatAgo(1_000_000_000, 1_000_000_000 + back)).toBe(text));
});

test("a small share has a decimal, a large one has none", () => {
  expect(formatPercent(0)).toBe("0.0 %");
  expect(formatPercent(9.96)).toBe("10 %");
  expect(formatPercent(54.3)).toBe("54 %");
});

test("one is not many", () => {
  expect(formatCount(1, "app")).toBe("1 app");
  expect(formatCount(0, "app")).toBe("0 apps");
  expect(formatCount(2, "entry", "entries")).toBe("2 entries");
});
