import { randomInt } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { readProject } from "#shared/compose/read.ts";
import { Problem } from "#shared/problem.ts";

/** Seconds to go on for, and the seed to begin with: a failure names its own. */
const seconds = Number(process.env.FUZZ_SECONDS ?? 4);
const firstSeed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));
const MOST_MB = 100;
const SLOWEST_MS = 2000;

const Case = z.object({ file: z.string(), files: z.record(z.string(), z.string()).default({}) });
const corpus = readdirSync("test/compose").map((name) =>
  Case.parse(parse(readFileSync(join("test/compose", name), "utf8"))),
);
const texts = corpus.flatMap(({ file, files }) => [file, ...Object.values(files)]);
const tokens = [
  ..."{}[]:,-&*!|>'\"#$ \n\t\0%@`~",
  "<<: *a",
  "&a ",
  "*a",
  "!reset ",
  "!override ",
  "${A:-",
  "}",
  "null",
  "0x7f",
  "1e999",
  "__proto__",
  "\u2028",
  "services:",
  "  ",
];

/** https://en.wikipedia.org/wiki/Linear_congruential_generator with the constants of Numerical Recipes. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function mutated(text: string, below: (below: number) => number): string {
  let changed = text;
  for (let round = below(6); round >= 0; round -= 1) {
    const at = below(changed.length + 1);
    const length = below(30);
    const lines = changed.split("\n");
    const other = texts[below(texts.length)] ?? "";
    const from = below(other.length + 1);
    const ways = [
      () => changed.slice(0, at) + changed.slice(at + length),
      () => changed.slice(0, at) + (tokens[below(tokens.length)] ?? "") + changed.slice(at),
      () => changed.slice(0, at) + other.slice(from, from + 80) + changed.slice(at + length),
      () => changed.slice(0, at) + changed.slice(at, at + length).repeat(1 + below(40)) + changed.slice(at),
      () => lines.toSpliced(below(lines.length), 1, lines[below(lines.length)] ?? "").join("\n"),
      () => changed.replace(/\d+/, String(below(2 ** 31) * below(2 ** 20))),
    ];
    changed = ways[below(ways.length)]?.() ?? changed;
  }
  return changed;
}

function readOne(seed: number): void {
  const below = generator(seed);
  const one = corpus[below(corpus.length)] ?? { file: "", files: {} };
  const files: Record<string, string> = Object.fromEntries(
    Object.entries(one.files).map(([path, text]) => [`/app/${path}`, below(2) === 0 ? text : mutated(text, below)]),
  );
  try {
    readProject({
      files: [
        { path: "compose.yaml", text: mutated(one.file, below) },
        { path: "over.yaml", text: one.file },
      ].slice(0, 1 + below(2)),
      variables: { A: "a" },
      fallbackName: "app",
      ...(below(2) === 0 ? {} : { directory: "/app", readFile: (path) => files[path] }),
    });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    expect(error.code).toBe("compose_invalid");
  }
}

describe("readProject", () => {
  it(`throws nothing but problems for ${seconds} s, beginning with FUZZ_SEED=${firstSeed}`, {
    timeout: (seconds + 30) * 1000,
  }, () => {
    const end = performance.now() + seconds * 1000;
    let count = 0;
    let slowestMs = 0;
    for (let seed = firstSeed; performance.now() < end; seed += 1) {
      const start = performance.now();
      const before = process.memoryUsage().heapUsed;
      try {
        readOne(seed);
      } catch (cause) {
        throw new Error(`FUZZ_SEED=${seed} fails`, { cause });
      }
      slowestMs = Math.max(slowestMs, performance.now() - start);
      expect(process.memoryUsage().heapUsed - before, `memory at FUZZ_SEED=${seed}`).toBeLessThan(MOST_MB * 2 ** 20);
      expect(slowestMs, `time at FUZZ_SEED=${seed}`).toBeLessThan(SLOWEST_MS);
      count += 1;
    }
    expect(count).toBeGreaterThan(10);
  });
});
