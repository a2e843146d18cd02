/** Turns counters that only grow into rates. */
export interface Rates {
  /** Growth per second since this key was last asked for; `undefined` the first time, and when the counter fell back. */
  readonly perSecond: (key: string, counter: number, atMs: number) => number | undefined;
  /** Forgets the keys that were not asked for at `atMs`. */
  readonly forgetOthers: (atMs: number) => void;
}

export function createRates(): Rates {
  const seen = new Map<string, { counter: number; atMs: number }>();
  return {
    perSecond: (key, counter, atMs) => {
      const before = seen.get(key);
      seen.set(key, { counter, atMs });
      if (before === undefined || counter < before.counter || atMs <= before.atMs) return undefined;
      return ((counter - before.counter) * 1000) / (atMs - before.atMs);
    },
    forgetOthers: (atMs) => {
      for (const [key, reading] of seen) if (reading.atMs !== atMs) seen.delete(key);
    },
  };
}
