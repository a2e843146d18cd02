/** One timer for all links: thousands of them would cost more than what they do. */
export interface Pulse {
  /** Calls this at each beat. @returns a function that ends it */
  join(beat: () => void): () => void;
  stop(): void;
}

/** @param everyMs Time between beats. */
export function createPulse(everyMs: number): Pulse {
  const beats = new Set<() => void>();
  const timer = setInterval(() => {
    for (const beat of beats) beat();
  }, everyMs);
  return {
    join: (beat) => {
      beats.add(beat);
      return () => beats.delete(beat);
    },
    stop: () => clearInterval(timer),
  };
}
