import { setTimeout as sleep } from "node:timers/promises";
import { Problem, type ProblemCode } from "#shared/problem.ts";

export interface Patience {
  /** How long what is away may stay away before it is a failure. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
  /** Takes the problem of each attempt that will be made again. */
  readonly onWait: (problem: Problem) => void;
}

/** What comes back by itself within seconds: a restarting engine, Caddy or database, a moment without network. */
const passing: ReadonlySet<ProblemCode> = new Set([
  "docker_unavailable",
  "caddy_unavailable",
  "registry_unreachable",
  "unavailable",
]);

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 3000;

/**
 * Does something again, with growing pauses, while it fails for a reason that may pass.
 * @throws the last failure once `patienceMs` have passed since the first one, or the signal's reason
 */
export async function patiently<Result>(
  work: () => Promise<Result>,
  { patienceMs, signal, onWait }: Patience,
): Promise<Result> {
  let failingSince: number | undefined;
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(LONGEST_DELAY_MS, delayMs * 2)) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Problem) || !passing.has(error.code)) throw error;
      failingSince ??= performance.now();
      const leftMs = failingSince + patienceMs - performance.now();
      if (leftMs <= 0) throw error;
      onWait(error);
      await sleep(Math.min(delayMs, leftMs), undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}
