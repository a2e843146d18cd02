/** How many frames of one agent are read at once, and per second from then on. */
export const FRAMES_PER_SECOND = 200;
export const FRAMES_AT_ONCE = 400;

/**
 * A token bucket. `take` says for how many milliseconds to stop reading, 0 for not at all; so a flood is slowed down
 * by TCP's own flow control and nothing is dropped.
 */
export function createFrameBudget(now: () => number): { take(): number } {
  let left = FRAMES_AT_ONCE;
  let filledAt = now();
  return {
    take: () => {
      const at = now();
      left = Math.min(FRAMES_AT_ONCE, left + (Math.max(0, at - filledAt) * FRAMES_PER_SECOND) / 1000);
      filledAt = at;
      left -= 1;
      return left >= 0 ? 0 : Math.ceil((-left * 1000) / FRAMES_PER_SECOND);
    },
  };
}
