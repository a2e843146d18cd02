import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { composeInstance } from "#shared/compose/instance.ts";
import { readPlacedProject } from "#shared/compose/read.ts";
import { Problem } from "#shared/problem.ts";

/**
 * Reads one mutated Compose file after the other, each made from its own seed, and tells its parent of each before it
 * begins, so that whoever ends it knows which one it was: `node fuzz-process.ts FIRST_SEED SECONDS`.
 */
const [firstSeed = 0, seconds = 0] = process.argv.slice(2).map(Number);

/** The name of a project may be one that no instance can have. */
const expected: ReadonlySet<string> = new Set(["compose_invalid", "invalid_input"]);

const Case = z.object({ file: z.string(), files: z.record(z.string(), z.string()).default({}) });
const corpus = readdirSync("test/compose")
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => Case.parse(parse(readFileSync(join("test/compose", name), "utf8"))));
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
    const placed = readPlacedProject({
      files: [
        { path: "compose.yaml", text: mutated(one.file, below) },
        { path: "over.yaml", text: one.file },
      ].slice(0, 1 + below(2)),
      variables: { A: "a" },
      fallbackName: "app",
      ...(below(2) === 0 ? {} : { directory: "/app", readFile: (path) => files[path] }),
    });
    composeInstance(placed, {
      path: "compose.yaml",
      variables: {},
      onNote: () => undefined,
      secretOf: (variable) => variable,
      newest: (image) => image,
    });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (!expected.has(error.code)) throw new Error(`a problem of the kind ${error.code}`, { cause: error });
  }
}

const end = performance.now() + seconds * 1000;
for (let seed = firstSeed; performance.now() < end; seed += 1) {
  const start = performance.now();
  process.send?.({ seed });
  readOne(seed);
  process.send?.({ tookMs: performance.now() - start });
  // Messages go out only when the loop comes round.
  await new Promise((resolve) => setImmediate(resolve));
}
const { maxRSS } = process.resourceUsage();
process.send?.({ peakBytes: maxRSS * 1024 }, () => process.disconnect());
