import { describe, expect, it } from "vitest";
import { formatDuration, parseBytes, parseDurationMs } from "#shared/compose/units.ts";

describe("parseDurationMs", () => {
  it.each([
    ["10ms", 10],
    ["40s", 40_000],
    ["1m30s", 90_000],
    ["1h5m30s20ms", 3_930_020],
    ["1.5h", 5_400_000],
    ["500us", 0.5],
    ["0s", 0],
    ["0", 0],
    ["1d", 86_400_000],
  ])("of %s", (text, ms) => expect(parseDurationMs(text)).toBe(ms));

  it.each(["", "10", "s", "1 m", "-1s", "1m 30s", "1mx", "ten seconds", "1..5s"])("refuses %j", (text) => {
    expect(() => parseDurationMs(text)).toThrow(expect.objectContaining({ code: "compose_invalid" }));
  });
});

describe("formatDuration", () => {
  it.each([
    [0, "0s"],
    [0.5, "500µs"],
    [20, "20ms"],
    [1500, "1.5s"],
    [60_000, "1m0s"],
    [90_000, "1m30s"],
    [3_930_020, "1h5m30.02s"],
    [86_400_000, "24h0m0s"],
  ])("of %d ms, as Go prints it", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
    expect(parseDurationMs(text)).toBe(ms);
  });
});

describe("parseBytes", () => {
  it.each([
    ["2b", 2],
    ["1024kb", 1_048_576],
    ["2048k", 2_097_152],
    ["300m", 314_572_800],
    ["1gb", 1_073_741_824],
    ["1.5G", 1_610_612_736],
    ["512", 512],
    ["1tb", 1_099_511_627_776],
    [512, 512],
  ])("of %s", (value, bytes) => expect(parseBytes(value)).toBe(bytes));

  it.each(["", "m", "-1m", "1 000k", -1, Number.NaN])("refuses %j", (value) => {
    expect(() => parseBytes(value)).toThrow(expect.objectContaining({ code: "compose_invalid" }));
  });
});
