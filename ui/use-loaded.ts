import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "#shared/problem.ts";

export interface Loaded<T> {
  /** The newest answer; it stays while a newer one is asked for, and when that fails. */
  readonly data: T | undefined;
  readonly problem: Problem | undefined;
  readonly reload: () => void;
}

/** Loads on mount and whenever `key` changes. Answers that were overtaken are dropped. */
export function useLoaded<T>(load: () => Promise<T>, key: string): Loaded<T> {
  const [data, setData] = useState<T>();
  const [problem, setProblem] = useState<Problem>();
  const turn = useRef(0);
  const latest = useRef(load);
  latest.current = load;

  const reload = useCallback(() => {
    const mine = ++turn.current;
    latest.current().then(
      (loaded) => {
        if (mine !== turn.current) return;
        setData(() => loaded);
        setProblem(undefined);
      },
      (thrown: unknown) => {
        if (mine === turn.current) setProblem(Problem.wrap(thrown));
      },
    );
  }, []);

  // The key says when to load, not the closure.
  useEffect(() => {
    reload();
    return () => {
      turn.current++;
    };
  }, [key]);

  return { data, problem, reload };
}
