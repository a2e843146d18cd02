const SHORTEST_MS = 250;
const LONGEST_MS = 30_000;

/**
 * How long to wait before the next look at something that has been waited for since `since`: a quarter of the time so
 * far, so that what is quick is seen quickly and what is slow costs little. Looks are the safety net; `wake` is faster.
 */
export const pauseMs = (since: number, now: number): number =>
  Math.min(LONGEST_MS, Math.max(SHORTEST_MS, Math.round((now - since) / 4)));

const MINUTE_MS = 60_000;

/** Pause after the nth problem in a row (from 0): 1 s, 2 s, 4 s, … up to a minute. */
export const backoffMs = (attempts: number, longestMs = MINUTE_MS): number => Math.min(longestMs, 1000 * 2 ** attempts);

/** Who is away may be so for hours: up to five minutes. */
export const awayPauseMs = (attempts: number): number => backoffMs(attempts, 5 * MINUTE_MS);
