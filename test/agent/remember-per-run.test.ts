import { describe, expect, test } from "vitest";
import { rememberPerRun } from "#agent/remember-per-run.ts";

/** Counts looks; each gives how many there were. */
function counted(look: (count: number) => Promise<number | null> = async (count) => count) {
  let looks = 0;
  let nowMs = 0;
  const seen = rememberPerRun({
    look: () => {
      looks += 1;
      return look(looks);
    },
    forMs: 100,
    monotonic: () => nowMs,
  });
  return {
    ...seen,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe("what was seen", () => {
  test("holds for the same run and for its time", async () => {
    const { get, pass } = counted();
    expect([await get("a"), await get("a")]).toEqual([1, 1]);
    pass(99);
    expect(await get("a")).toBe(1);
    pass(1);
    expect(await get("a")).toBe(2);
  });

  test("does not hold for another run, not even for one that was known before", async () => {
    const { get } = counted();
    expect([await get("a"), await get("b"), await get("a")]).toEqual([1, 2, 3]);
  });

  test("does not hold where nobody can tell the run", async () => {
    const { get } = counted();
    expect([await get(undefined), await get(undefined), await get("a"), await get(undefined)]).toEqual([1, 2, 3, 4]);
  });

  test("does not hold after a change, nor when a change came during the look", async () => {
    const { get, forget } = counted();
    await get("a");
    forget();
    expect(await get("a")).toBe(2);
    const begun = counted(async (count) => {
      if (count === 1) begun.forget();
      return count;
    });
    expect([await begun.get("a"), await begun.get("a"), await begun.get("a")]).toEqual([1, 2, 2]);
  });

  test("is nothing where nothing answered", async () => {
    const { get } = counted(async (count) => (count === 1 ? null : count));
    expect([await get("a"), await get("a"), await get("a")]).toEqual([null, 2, 2]);
  });
});
