import { describe, expect, it } from "vitest";
import { createClock } from "#agent/clock.ts";
import { openStore } from "#agent/store/database.ts";
import { createSettings } from "#agent/store/settings.ts";

const TRUE_TIME = 1_800_000_000_000;
const HOUR = 3_600_000;

/** A machine whose clock is wrong by so much. */
function machine(wrongByMs: number) {
  const settings = createSettings(openStore(":memory:"));
  let passed = 0;
  let wrongBy = wrongByMs;
  let booted = 0;
  const open = () =>
    createClock({
      settings,
      system: () => TRUE_TIME + passed + wrongBy,
      monotonic: () => passed - booted,
    });
  let clock = open();
  return {
    offBy: () => clock.now() - (TRUE_TIME + passed),
    heard: (before = 0, after = 0) =>
      clock.heard({ from: TRUE_TIME + passed - before, to: TRUE_TIME + passed + after }),
    pass: (ms: number) => {
      passed += ms;
    },
    setSystem: (ms: number) => {
      wrongBy = ms;
    },
    restart: () => {
      booted = passed;
      clock = open();
    },
  };
}

describe("the clock", () => {
  it("is the system's until a hub was heard", () => {
    expect(machine(2 * HOUR).offBy()).toBe(2 * HOUR);
  });

  it.each([3 * HOUR, -5 * HOUR])("is the hub's from then on, though the system's is off by %i ms", (wrongBy) => {
    const { offBy, heard, pass } = machine(wrongBy);
    expect(heard()).toBe(-wrongBy);
    expect(offBy()).toBe(0);
    pass(40 * HOUR);
    expect(offBy()).toBe(0);
  });

  it.each([3 * HOUR, -3 * HOUR, 1_500])("does not follow the system's when that is set by %i ms", (step) => {
    const { offBy, heard, setSystem, pass } = machine(0);
    heard();
    setSystem(step);
    pass(1000);
    expect(offBy()).toBe(0);
  });

  it("is right after a restart, without a hub, by the difference that was known last", () => {
    const { offBy, heard, setSystem, restart, pass } = machine(3 * HOUR);
    heard();
    pass(HOUR);
    restart();
    expect(offBy()).toBe(0);
    // Set right while linked: the next word of the hub has the new difference written down.
    setSystem(0);
    expect(heard()).toBe(0);
    restart();
    expect(offBy()).toBe(0);
  });

  it("is corrected only by what cannot be the time that the word was on its way", () => {
    const { offBy, heard } = machine(900);
    expect(heard()).toBe(0);
    expect(offBy()).toBe(900);
    const slow = machine(0);
    expect(slow.heard(8000, 0)).toBe(0);
    expect(slow.heard(0, 8000)).toBe(0);
    const late = machine(-4000);
    expect(late.heard(1500, 500)).toBe(2500);
  });
});
