/** Numbers that look random and are the same for the same seed. */
export interface SeededRandom {
  /** From 0 up to but not including 1. */
  (): number;
  /** A whole number of both ends and between. */
  readonly between: (from: number, to: number) => number;
  readonly isOneIn: (count: number) => boolean;
}

/** Mulberry32, by Tommy Ettinger, in the public domain: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function createRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return Object.assign(next, {
    between: (from: number, to: number) => from + Math.floor(next() * (to - from + 1)),
    isOneIn: (count: number) => next() * count < 1,
  });
}

/** `SEED` where one is given, to see a failure again as far as the system lets it; else another one each time. */
export const chosenSeed = (environment: Readonly<Record<string, string | undefined>>): number =>
  Number(environment.SEED ?? Math.floor(Math.random() * 2 ** 32));
