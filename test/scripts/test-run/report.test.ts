import { describe, expect, test } from "vitest";
import { describeFailures, filesOf, parseTestRun } from "#scripts/test-run/report.ts";

const report = (testResults: unknown[], counts = {}) =>
  JSON.stringify({ numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, testResults, ...counts });

const passed = { fullName: "adds", status: "passed", failureMessages: [] };
const failed = { fullName: "takes away", status: "failed", failureMessages: ["Error: 3 is not 2\n    at a.ts:1"] };

describe("a report of a test run", () => {
  test("names each failed test with its file and its reason", () => {
    const run = parseTestRun(
      report([{ name: "/src/test/a.test.ts", status: "failed", message: "", assertionResults: [passed, failed] }], {
        numFailedTests: 1,
      }),
      "/src",
    );
    expect(run).toEqual({
      passed: 5,
      failed: 1,
      skipped: 1,
      failures: [{ file: "test/a.test.ts", test: "takes away", message: "Error: 3 is not 2\n    at a.ts:1" }],
    });
  });

  test("counts a file that could not even start as a failure, though no test of it failed", () => {
    const run = parseTestRun(
      report([{ name: "/src/test/b.test.ts", status: "failed", message: "Cannot find x", assertionResults: [] }]),
      "/src",
    );
    expect(run.failed).toBe(1);
    expect(run.failures).toEqual([{ file: "test/b.test.ts", message: "Cannot find x" }]);
  });

  test("of a run without a failure has none", () => {
    const run = parseTestRun(
      report([{ name: "/src/test/a.test.ts", status: "passed", message: "", assertionResults: [passed] }]),
      "/src",
    );
    expect(run.failures).toEqual([]);
    expect(run.failed).toBe(0);
  });

  test("that is none is refused", () => {
    expect(() => parseTestRun("{}", "/src")).toThrow();
  });
});

test("each file is run again once, in the order of its first failure", () => {
  expect(filesOf([failure("b"), failure("a"), failure("b")])).toEqual(["b", "a"]);
});

test("failures are told with where, which and the first lines of why", () => {
  const text = describeFailures([{ file: "a", test: "t", message: "1\n2\n3" }, failure("b")], 2);
  expect(text).toBe("  a > t\n    1\n    2\n\n  b\n    because");
});

const failure = (file: string) => ({ file, message: "because" });
