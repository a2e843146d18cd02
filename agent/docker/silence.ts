export interface Silence {
  /** Aborted with `problem()` once nothing was heard for too long. */
  readonly signal: AbortSignal;
  /** Something was heard. */
  heard(): void;
  stop(): void;
}

/** Watches for silence: not how long something takes tells that it is stuck, but that nothing comes of it any more. */
export function watchSilence(limitMs: number, problem: () => unknown): Silence {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(problem()), limitMs);
  timer.unref();
  return { signal: controller.signal, heard: () => void timer.refresh(), stop: () => clearTimeout(timer) };
}
