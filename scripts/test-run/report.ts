import { relative } from "node:path";
import { z } from "zod";

/**
 * What vitest's JSON reporter writes, as far as it is read here.
 * https://github.com/vitest-dev/vitest/blob/main/packages/vitest/src/node/reporters/json.ts
 */
const JsonReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

export interface Failure {
  /** The test file, relative to the checkout. */
  readonly file: string;
  /** The test's own name, or undefined where the whole file failed (an import, a hook). */
  readonly test?: string;
  readonly message: string;
}

export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface TestRun extends Count {
  readonly failures: readonly Failure[];
}

/**
 * Reads vitest's JSON report of one run. `root` is the checkout, as an absolute path.
 * @throws ZodError when it is not such a report
 */
export function parseTestRun(json: string, root: string): TestRun {
  const report = JsonReport.parse(JSON.parse(json));
  const failures = report.testResults.flatMap((result): Failure[] => {
    const file = relative(root, result.name);
    const failed = result.assertionResults.filter((test) => test.status === "failed");
    if (failed.length === 0 && result.status === "failed") return [{ file, message: result.message ?? "" }];
    return failed.map((test) => ({ file, test: test.fullName, message: test.failureMessages?.join("\n") ?? "" }));
  });
  return {
    passed: report.numPassedTests,
    failed: Math.max(report.numFailedTests, failures.length),
    skipped: report.numPendingTests,
    failures,
  };
}

/** The files of some failures, each once, in their order. */
export const filesOf = (failures: readonly Failure[]): string[] => [...new Set(failures.map(({ file }) => file))];

/** Failures as text to end a long log with: where, which test, and the first lines of why. */
export function describeFailures(failures: readonly Failure[], lines = 12): string {
  return failures
    .map(({ file, test, message }) => {
      const why = message.split("\n").slice(0, lines).join("\n    ");
      return `  ${[file, test].filter(Boolean).join(" > ")}\n    ${why}`;
    })
    .join("\n\n");
}
