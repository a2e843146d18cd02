import { useState } from "preact/hooks";
import { Problem } from "#shared/problem.ts";

export interface Task<Args extends readonly unknown[]> {
  readonly run: (...args: Args) => Promise<void>;
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  readonly clear: () => void;
}

/** Something the reader started: whether it goes on, and what came of it. Started again while it goes on, it is not. */
export function useTask<Args extends readonly unknown[]>(work: (...args: Args) => Promise<unknown>): Task<Args> {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const run = async (...args: Args) => {
    if (busy) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await work(...args);
    } catch (thrown) {
      setProblem(Problem.wrap(thrown));
    } finally {
      setBusy(false);
    }
  };
  return { run, busy, problem, clear: () => setProblem(undefined) };
}
