/** The time of a simulated vendor: it goes by when somebody waits, and never by itself. */
export interface SimulatedClock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Has something happen so much later. */
  after(ms: number, happen: () => void): void;
  /** Lets time go by, and what is due happen, each at its moment and in order. */
  pass(ms: number): void;
  /** Waits without waiting: time goes by for everybody. */
  readonly sleep: (ms: number) => Promise<void>;
}

export function createClock(start = Date.UTC(2026, 10, 21)): SimulatedClock {
  let now = start;
  const due: { readonly at: number; readonly happen: () => void }[] = [];
  const pass = (ms: number) => {
    const until = now + ms;
    for (;;) {
      const next = due.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      due.splice(due.indexOf(next), 1);
      now = next.at;
      next.happen();
    }
    now = until;
  };
  return {
    now: () => now,
    after: (ms, happen) => due.push({ at: now + ms, happen }),
    pass,
    sleep: async (ms) => pass(ms),
  };
}
