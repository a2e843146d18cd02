import { getEventListeners } from "node:events";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { pause } from "#shared/pause.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** @returns a pause of a minute, and whether it is over */
function begin(signal: AbortSignal) {
  const seen = { isOver: false };
  const over = pause(60_000, signal).then(() => {
    seen.isOver = true;
  });
  return { seen, over };
}

it("lasts as long as is said, and leaves nothing at the signal", async () => {
  const { signal } = new AbortController();
  const { seen, over } = begin(signal);
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(59_999);
  expect(seen.isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await over;
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

it("is over at once when the signal is aborted, without a failure and without a timer that is left", async () => {
  const stop = new AbortController();
  const { over } = begin(stop.signal);
  stop.abort(new Error("enough"));
  await over;
  expect(vi.getTimerCount()).toBe(0);
});

it("does not begin when the signal was aborted before", async () => {
  await begin(AbortSignal.abort()).over;
  expect(vi.getTimerCount()).toBe(0);
});
