import { describe, expect, it } from "vitest";
import { endOfQuiet, QuietHours } from "#shared/alerts/quiet-hours.ts";

const night = QuietHours.parse({ from: "22:00", to: "07:30", timeZone: "Europe/Berlin" });
const end = (hours: QuietHours, at: string) => new Date(endOfQuiet(hours, Date.parse(at))).toISOString();

describe("quiet hours", () => {
  it.each([
    ["before", "2026-01-10T20:59:59.000Z", "2026-01-10T20:59:59.000Z"],
    ["at their beginning", "2026-01-10T21:00:00.000Z", "2026-01-11T06:30:00.000Z"],
    ["before midnight", "2026-01-10T22:59:30.500Z", "2026-01-11T06:30:00.000Z"],
    ["after midnight", "2026-01-11T00:15:00.000Z", "2026-01-11T06:30:00.000Z"],
    ["in their last second", "2026-01-11T06:29:59.999Z", "2026-01-11T06:30:00.000Z"],
    ["after", "2026-01-11T06:30:00.000Z", "2026-01-11T06:30:00.000Z"],
    ["in summer, by the clock on the wall", "2026-07-10T22:00:00.000Z", "2026-07-11T05:30:00.000Z"],
    ["in the night in which clocks go forward", "2026-03-28T23:00:00.000Z", "2026-03-29T05:30:00.000Z"],
    ["in the night in which clocks go back", "2026-10-24T23:00:00.000Z", "2026-10-25T06:30:00.000Z"],
  ])("%s", (_, at, expected) => expect(end(night, at)).toBe(expected));

  it("may lie within one day", () => {
    const noon = QuietHours.parse({ from: "12:00", to: "13:00", timeZone: "UTC" });
    expect(end(noon, "2026-01-10T12:40:00.000Z")).toBe("2026-01-10T13:00:00.000Z");
    expect(end(noon, "2026-01-10T22:40:00.000Z")).toBe("2026-01-10T22:40:00.000Z");
  });

  it.each([
    { from: "22:00", to: "22:00", timeZone: "UTC" },
    { from: "24:00", to: "07:00", timeZone: "UTC" },
    { from: "22:00", to: "7:00", timeZone: "UTC" },
    { from: "22:00", to: "07:00", timeZone: "Middle/Earth" },
    { from: "22:00", to: "07:00" },
  ])("that make no sense are refused: %j", (hours) => expect(QuietHours.safeParse(hours).success).toBe(false));
});
