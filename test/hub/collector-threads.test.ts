import { execFile } from "node:child_process";
import { getPriority } from "node:os";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { z } from "zod";

/** Prints what the function gave, then the threads. */
const program = (calls: number) => `
  import { lowerCollectorThreads } from "#hub/collector-threads.ts";
  import { threadsOf } from "#test/hub/threads-of.ts";
  const given = Array.from({ length: ${calls} }, lowerCollectorThreads);
  console.log(JSON.stringify({ given, threads: threadsOf(process.pid) }));
`;

const Printed = z.object({
  given: z.array(z.number()),
  threads: z.array(z.object({ name: z.string(), niceness: z.number() })),
});

async function run({ calls = 1, nicer = 0 } = {}) {
  const node = [process.execPath, "--input-type=module", "--eval", program(calls)];
  const { stdout } = await promisify(execFile)("nice", ["-n", String(nicer), ...node]);
  const { given, threads } = Printed.parse(JSON.parse(stdout));
  const nicenessOf = (threadsOf: typeof threads) => new Set(threadsOf.map(({ niceness }) => niceness - getPriority()));
  const collectors = threads.filter(({ name }) => name === "V8Worker");
  return {
    given,
    count: collectors.length,
    collectors: nicenessOf(collectors),
    others: nicenessOf(threads.filter((thread) => !collectors.includes(thread))),
  };
}

describe("the threads of the collector", () => {
  it("come after all others", async () => {
    const { given, count, collectors, others } = await run();
    expect(count).toBeGreaterThan(0);
    expect(given).toEqual([count]);
    expect(collectors).toEqual(new Set([10]));
    expect(others).toEqual(new Set([0]));
  });

  it("stay where they are when it is said again", async () => {
    const { collectors, others } = await run({ calls: 2 });
    expect(collectors).toEqual(new Set([10]));
    expect(others).toEqual(new Set([0]));
  });

  it("come after those of a program that is nice itself, as far as there is a place", async () => {
    const { collectors, others } = await run({ nicer: 12 });
    expect([...collectors]).toEqual([19 - getPriority()]);
    expect(others).toEqual(new Set([12]));
  });
});
