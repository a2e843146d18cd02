#!/usr/bin/env node
import { Problem } from "#shared/problem.ts";
import type { CliCommand } from "./command.ts";
import { commands } from "./commands/index.ts";

const interruption = new AbortController();
process.once("SIGINT", () => interruption.abort(new Problem("cancelled", "interrupted")));
process.once("SIGTERM", () => interruption.abort(new Problem("cancelled", "interrupted")));

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === "help" || argv[0] === "--help") {
    console.log(usage(matching(argv.slice(1))));
    return 0;
  }
  const command = commandOf(argv);
  // What follows -- is for the program that is run there.
  const own = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : argv.length);
  if (command !== undefined && own.includes("--help")) {
    console.log(usage([command]));
    return 0;
  }
  if (command === undefined) {
    console.error(usage(matching(argv)));
    return 2;
  }
  let exitCode = 0;
  try {
    await command.run({
      argv: argv.slice(command.name.split(" ").length),
      environment: environment(),
      workingDirectory: process.cwd(),
      print: (text) => void process.stdout.write(text),
      say: (line) => console.error(line),
      signal: interruption.signal,
      streams: { input: process.stdin, output: process.stdout, errors: process.stderr },
      endWith: (code) => {
        exitCode = code;
      },
    });
    return exitCode;
  } catch (error) {
    console.error(sentences(Problem.wrap(error)));
    return 1;
  }
}

function commandOf(argv: readonly string[]): CliCommand | undefined {
  return commands.find(({ name }) => name.split(" ").every((word, index) => argv[index] === word));
}

function environment(): Record<string, string> {
  const set = Object.entries(process.env).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  return Object.fromEntries(set);
}

/** Those that begin so, for example with `hub`; all when there are none. */
function matching(argv: readonly string[]): readonly CliCommand[] {
  const found = commands.filter(({ name }) => argv[0] !== undefined && name.split(" ")[0] === argv[0]);
  return found.length > 0 ? found : commands;
}

function usage(some: readonly CliCommand[]): string {
  const lines = some.map(({ name, usage, summary }) => `  wopr ${name} ${usage}\n      ${summary}`);
  return ["Usage:", ...lines].join("\n");
}

function sentences({ message, hint, details }: Problem): string {
  const objections =
    Array.isArray(details?.objections) && details.objections.length > 1
      ? details.objections.map(({ message: said }: { message: string }) => `  ${said}`)
      : [];
  const log = Array.isArray(details?.log) ? details.log.map((line: string) => `  | ${line}`) : [];
  return [message, ...objections, ...log, ...(hint === undefined ? [] : [hint])].join("\n");
}
