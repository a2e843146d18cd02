import { Problem } from "#shared/problem.ts";

/** Prints one line for what is being done, with the time it took. */
export interface Stages {
  /**
   * Runs one stage. What it returns may carry a note for its line.
   * @throws {Problem} the stage's own, with its title in front.
   */
  readonly run: <Result>(title: string, work: (note: (text: string) => void) => Promise<Result>) => Promise<Result>;
}

export function createStages(print: (line: string) => void, now: () => number): Stages {
  return {
    run: async (title, work) => {
      const started = now();
      const seconds = () => `${((now() - started) / 1000).toFixed(1)} s`.padStart(8);
      let remark = "";
      try {
        const result = await work((text) => {
          remark = ` · ${text}`;
        });
        print(`✓ ${seconds()}  ${title}${remark}`);
        return result;
      } catch (thrown) {
        const problem = Problem.wrap(thrown);
        print(`✗ ${seconds()}  ${title}`);
        throw problem.code === "internal" ? thrown : problem;
      }
    },
  };
}

/**
 * Waits until `look` gives something, asking four times a second.
 * @throws {Problem} `timed_out` when nothing came within `timeoutMs`; what `look` throws ends the waiting at once.
 */
export async function until<Result>(
  what: string,
  timeoutMs: number,
  look: () => Promise<Result | undefined>,
): Promise<Result> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Problem("timed_out", `${what} did not happen within ${timeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
