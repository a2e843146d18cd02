export interface RateRule {
  readonly windowMs: number;
  readonly max: number;
}

/** Counts requests by key in windows of fixed length. */
export interface RateLimit {
  /** @returns 0 when allowed, else the milliseconds after which to ask again. */
  take(key: string, rule: RateRule): number;
}

/** Beyond this many keys those whose window is over are forgotten. */
const MAX_KEYS = 10_000;

export function createRateLimit(now: () => number): RateLimit {
  const windows = new Map<string, { endsAt: number; count: number }>();

  const forgetOver = (at: number) => {
    for (const [key, { endsAt }] of windows) if (endsAt <= at) windows.delete(key);
  };

  return {
    take: (key, { windowMs, max }) => {
      const at = now();
      if (windows.size > MAX_KEYS) forgetOver(at);
      const known = windows.get(key);
      const window = known === undefined || known.endsAt <= at ? { endsAt: at + windowMs, count: 0 } : known;
      windows.set(key, window);
      window.count += 1;
      return window.count <= max ? 0 : window.endsAt - at;
    },
  };
}
