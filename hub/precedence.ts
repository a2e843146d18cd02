/** How long anything counts as going first: what takes longer waits for others itself. */
const FIRST_MS = 1_000;
/** How long anything waits for what goes first. */
const MOST_MS = 250;

/** Lets what somebody waits for who has just paid go before what can wait a moment. */
export interface Precedence {
  /** This goes first from now on, until it `ends`, for a second at most. */
  begin(what: string): void;
  /** Does nothing for what does not go first. */
  end(what: string): void;
  /** Settles when nothing goes first any more, after a quarter of a second in any case. */
  free(): Promise<void>;
}

export function createPrecedence(now: () => number): Precedence {
  const first = new Map<string, number>();
  const waiting = new Set<() => void>();
  const isFree = () => {
    for (const [what, since] of first) if (Math.abs(now() - since) > FIRST_MS) first.delete(what);
    return first.size === 0;
  };
  return {
    begin: (what) => void first.set(what, now()),
    end: (what) => {
      first.delete(what);
      if (!isFree()) return;
      for (const go of waiting) go();
    },
    free: async () => {
      if (isFree()) return;
      await new Promise<void>((resolve) => {
        const go = () => {
          clearTimeout(timer);
          waiting.delete(go);
          resolve();
        };
        const timer = setTimeout(go, MOST_MS);
        waiting.add(go);
      });
    },
  };
}
