import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { parseEnvFile } from "#shared/compose/dotenv.ts";
import type { Variables } from "#shared/compose/interpolate.ts";
import type { PlacedProject } from "#shared/compose/placed-project.ts";
import { readPlacedProject } from "#shared/compose/read.ts";
import { Problem } from "#shared/problem.ts";
import type { Terminal } from "./command.ts";
import type { ComposeOptions } from "./compose-options.ts";

export interface LoadedProject extends PlacedProject {
  readonly variables: Variables;
  /** The first file, for messages. */
  readonly path: string;
}

/** Looked for in this order; an override is laid over the file that was found. */
const defaultFiles = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/** Reads the project that the command line names. @throws {Problem} `not_found`, `compose_invalid` */
export function loadProject(options: ComposeOptions, terminal: Terminal): LoadedProject {
  const { workingDirectory, environment, say } = terminal;
  const paths = options.files.length > 0 ? options.files : foundIn(workingDirectory);
  const files = paths.map((path) => ({ path, text: existing(resolve(workingDirectory, path)) }));
  const [first] = files;
  if (first === undefined) {
    throw new Problem("not_found", `there is no ${defaultFiles[0]} in ${workingDirectory}`, {
      hint: "Name the Compose file.",
    });
  }
  const directory = dirname(resolve(workingDirectory, first.path));
  const variables = variablesOf(options, { directory, workingDirectory, environment });
  const placed = readPlacedProject({
    files,
    variables,
    name: options.project ?? variables.COMPOSE_PROJECT_NAME,
    fallbackName: nameOf(directory),
    directory,
    readFile,
    profiles: options.profiles,
    onNote: say,
  });
  return { ...placed, variables, path: first.path };
}

interface Place {
  readonly directory: string;
  readonly workingDirectory: string;
  readonly environment: Variables;
}

/** What is set where the command runs stands over what the files say. */
function variablesOf({ envFiles }: ComposeOptions, { directory, workingDirectory, environment }: Place): Variables {
  const preset = join(directory, ".env");
  const files =
    envFiles.length > 0
      ? envFiles.map((file) => ({ path: file, text: existing(resolve(workingDirectory, file)) }))
      : [{ path: preset, text: readFile(preset) ?? "" }];
  const pairs = files.flatMap((file) => Object.entries(parseEnvFile({ ...file, variables: environment })));
  const set = pairs.flatMap(([key, value]) => (value === null ? [] : [[key, value] as const]));
  return { ...Object.fromEntries(set), ...environment };
}

function foundIn(directory: string): string[] {
  const main = defaultFiles.find((name) => readFile(join(directory, name)) !== undefined);
  if (main === undefined) return [];
  const override = main.replace(/\.(ya?ml)$/, ".override.$1");
  return readFile(join(directory, override)) === undefined ? [main] : [main, override];
}

const Failure = z.object({ code: z.string() });

/** Text of a file; undefined when there is none. */
function readFile(path: string): string | undefined {
  try {
    if (!statSync(path).isFile()) return undefined;
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = Failure.parse(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new Problem("invalid_input", `${path} cannot be read: ${code}`, { cause: error });
  }
}

function existing(path: string): string {
  const text = readFile(path);
  if (text !== undefined) return text;
  throw new Problem("not_found", `there is no file ${path}`);
}

/** https://github.com/compose-spec/compose-spec/blob/main/04-version-and-name.md */
const nameOf = (directory: string) =>
  basename(directory)
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, "")
    .replace(/^[_-]+/, "") || "app";
