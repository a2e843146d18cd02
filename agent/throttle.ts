/** Passes values on at most once in `intervalMs`; of those in between only the last, and that one always. */
export interface Throttle<Value> {
  push(value: Value): void;
  /** Passes on at once what is still held. */
  flush(): void;
}

export function throttle<Value>(intervalMs: number, pass: (value: Value) => void): Throttle<Value> {
  let held: { value: Value } | undefined;
  let timer: NodeJS.Timeout | undefined;

  function release(): void {
    clearTimeout(timer);
    timer = undefined;
    if (held === undefined) return;
    const { value } = held;
    held = undefined;
    if (intervalMs > 0) timer = setTimeout(release, intervalMs).unref();
    pass(value);
  }

  return {
    push: (value) => {
      held = { value };
      if (timer === undefined) release();
    },
    flush: () => {
      release();
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
