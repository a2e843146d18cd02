/** What a look showed that costs more than it should each time. */
export interface PerRun<Value> {
  /**
   * What was seen in this run of what is looked at; looks where nothing is remembered, or `run` is unknown. A look that
   * gives `null` is not remembered.
   */
  get(run: string | undefined): Promise<Value | null>;
  /** To be called after each change that comes from here. */
  forget(): void;
}

export interface PerRunOptions<Value> {
  readonly look: () => Promise<Value | null>;
  /** Somebody else may change what is looked at: after this time it is looked at again. */
  readonly forMs: number;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number;
}

/** Remembers what a look showed, as long as the same run goes on and nothing was changed from here. */
export function rememberPerRun<Value>({ look, forMs, monotonic }: PerRunOptions<Value>): PerRun<Value> {
  let known: { run: string; value: Value; at: number } | undefined;
  let changes = 0;
  return {
    get: async (run) => {
      if (known !== undefined && known.run === run && monotonic() - known.at < forMs) return known.value;
      const before = changes;
      const at = monotonic();
      const value = await look();
      // A change during the look may have come before or after what was seen.
      known = run === undefined || value === null || before !== changes ? undefined : { run, value, at };
      return value;
    },
    forget: () => {
      changes += 1;
      known = undefined;
    },
  };
}
