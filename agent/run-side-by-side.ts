/** What has to be carried out, and what each piece waits for. */
export interface Work {
  /** For each piece the places of those that have to be done before it. */
  readonly dependencies: readonly (readonly number[])[];
  /** Whether one more piece may begin while those at the places `running` are under way. */
  readonly mayBegin: (place: number, running: readonly number[]) => boolean;
  /** Carries one piece out; its signal says that another one failed. */
  readonly run: (place: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Carries pieces of work out side by side, each as soon as what it waits for is done; ties in their order. After the first
 * failure nothing more begins, what is under way is asked to end and waited for, and that failure is thrown.
 */
export async function runSideBySide({ dependencies, mayBegin, run }: Work): Promise<void> {
  const failing = new AbortController();
  const failures: unknown[] = [];
  const waiting = new Set(dependencies.keys());
  const done = new Set<number>();
  const running = new Map<number, Promise<void>>();

  function begin(place: number): void {
    waiting.delete(place);
    const ended = run(place, failing.signal)
      .then(
        () => void done.add(place),
        (error: unknown) => {
          failures.push(error);
          failing.abort(error);
        },
      )
      .finally(() => running.delete(place));
    running.set(place, ended);
  }

  for (;;) {
    for (const place of waiting) {
      if (failures.length > 0) break;
      const isReady = dependencies[place]?.every((earlier) => done.has(earlier)) ?? true;
      if (isReady && mayBegin(place, [...running.keys()])) begin(place);
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  if (failures.length > 0) throw failures[0];
}
