import { fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";

/** Seconds to go on for, and the seed to begin with: a failure names its own. */
const seconds = Number(process.env.FUZZ_SECONDS ?? (process.env.CI === "true" ? 60 : 4));
const firstSeed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));
const MOST_MB = 100;
/** After this a file counts as one that is never read to its end; the machine may have much else to do. */
const SILENCE_MS = 10_000;

const News = z.union([
  z.object({ seed: z.number() }),
  z.object({ tookMs: z.number() }),
  z.object({ peakBytes: z.number() }),
]);

interface Run {
  readonly count: number;
  readonly slowestMs: number;
  /** Memory of the whole process at its highest, Node itself included; absent when it died before the end. */
  readonly peakBytes: number | undefined;
  readonly lastSeed: number;
  readonly output: string;
  readonly code: number | null;
}

/** Lets a process of its own read `goOn` seconds long, in which no more than `MOST_MB` of objects can live. */
function fuzz(goOn: number): Promise<Run> {
  const child = fork(join(import.meta.dirname, "fuzz-process.ts"), [String(firstSeed), String(goOn)], {
    execArgv: [`--max-old-space-size=${MOST_MB}`, "--max-semi-space-size=4"],
    silent: true,
  });
  let run: Run = { count: 0, slowestMs: 0, peakBytes: undefined, lastSeed: firstSeed, output: "", code: null };
  const kill = () => child.kill("SIGKILL");
  let silence = setTimeout(kill, 3 * SILENCE_MS);
  child.on("message", (message) => {
    clearTimeout(silence);
    silence = setTimeout(kill, SILENCE_MS);
    const news = News.parse(message);
    if ("seed" in news) run = { ...run, lastSeed: news.seed };
    else if ("tookMs" in news) run = { ...run, count: run.count + 1, slowestMs: Math.max(run.slowestMs, news.tookMs) };
    else run = { ...run, peakBytes: news.peakBytes };
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (bytes) => {
      run = { ...run, output: run.output + String(bytes) };
    });
  }
  return new Promise((resolve) => {
    child.on("close", (code) => {
      clearTimeout(silence);
      resolve({ ...run, code });
    });
  });
}

describe("the Compose reader", () => {
  it(`throws nothing but problems, comes to an end and stays under ${MOST_MB} MB for ${seconds} s of mutated files`, {
    timeout: (seconds + 60) * 1000,
  }, async () => {
    const idle = await fuzz(0);
    expect(idle).toMatchObject({ code: 0, count: 0 });
    const run = await fuzz(seconds);
    const which = `FUZZ_SEED=${run.lastSeed} (after ${run.count} files)`;
    expect(run.output, which).toBe("");
    expect(run.code, `${which} did not come to an end`).toBe(0);
    expect(run.count).toBeGreaterThan(10);
    expect(run.slowestMs).toBeLessThan(SILENCE_MS);
    const grewMb = ((run.peakBytes ?? Number.POSITIVE_INFINITY) - (idle.peakBytes ?? 0)) / 2 ** 20;
    expect(grewMb, `memory, beginning with FUZZ_SEED=${firstSeed}`).toBeLessThan(MOST_MB);
  });
});
