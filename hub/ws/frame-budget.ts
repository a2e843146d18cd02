/** How much of one agent is read at once, and per second from then on. */
export const FRAMES = { atOnce: 400, perSecond: 200 } as const;
/** Two days of roll-ups that were kept for a hub that was away are some ten megabytes. */
export const BYTES = { atOnce: 16 * 1024 * 1024, perSecond: 2 * 1024 * 1024 } as const;

export interface FrameBudget {
  /** @returns for how many milliseconds to stop reading, 0 for not at all */
  take(sizeBytes: number): number;
}

/**
 * Token buckets of frames and of bytes: a flood is slowed down by TCP's own flow control, and nothing is dropped.
 * @param now Milliseconds; a clock that is set back fills nothing.
 */
export function createFrameBudget(now: () => number): FrameBudget {
  const frames = createBucket(FRAMES, now);
  const bytes = createBucket(BYTES, now);
  return { take: (sizeBytes) => Math.max(frames(1), bytes(sizeBytes)) };
}

function createBucket(
  { atOnce, perSecond }: { readonly atOnce: number; readonly perSecond: number },
  now: () => number,
) {
  let left = atOnce;
  let filledAt = now();
  return (taken: number): number => {
    const at = now();
    left = Math.min(atOnce, left + (Math.max(0, at - filledAt) * perSecond) / 1000) - taken;
    filledAt = at;
    return left >= 0 ? 0 : Math.ceil((-left * 1000) / perSecond);
  };
}
