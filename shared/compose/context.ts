import type { Place } from "../yaml-place.ts";
import type { Variables } from "./interpolate.ts";
import { joinPath } from "./paths.ts";

/** Kinds of what services refer to by name. */
export type ReferenceKind = "network" | "volume" | "config" | "secret" | "service";

export interface Reference {
  readonly kind: ReferenceKind;
  readonly name: string;
  readonly place: Place;
}

/** Files of the machine that reads, given only where the project may read them. */
export type ReadFile = (path: string) => string | undefined;

/** What is known while one file is read. */
export interface Context {
  readonly variables: Variables;
  /** Where relative paths of this file begin; absent where the project may name none. */
  readonly directory: string | undefined;
  readonly readFile: ReadFile | undefined;
  /** Gathers what is checked once all files are read. */
  readonly refer: (reference: Reference) => void;
  /** Says what is read and has no effect. */
  readonly note: (place: Place, sentence: string) => void;
  /** Counts what a short text can make many of. @throws {Problem} past the most that a project may have */
  readonly countPorts: (place: Place, ports: number) => void;
}

/** Reads one value into its normal form. @throws {Problem} `compose_invalid` */
export type Reader = (place: Place, context: Context) => unknown;

/**
 * A path of the machine, absolute.
 * @throws {Problem} when it is relative and the project has no folder
 */
export function absolutePath(place: Place, path: string, { directory, variables }: Context, what: string): string {
  const home = Object.hasOwn(variables, "HOME") ? variables.HOME : undefined;
  const full = /^~(?:\/|$)/.test(path) && home !== undefined && directory !== undefined ? home + path.slice(1) : path;
  if (full.startsWith("/")) return full;
  if (directory === undefined || full.startsWith("~")) throw place.expected(what);
  return joinPath(directory, full);
}

/**
 * Text of a file that the project names, and its absolute path.
 * @throws {Problem} where no file may be read, and when there is none
 */
export function readNamedFile(
  place: Place,
  path: string,
  context: Context,
): { path: string; text: string | undefined } {
  if (context.readFile === undefined) {
    throw place.wrong(
      `${JSON.stringify(path)} names a file, and this Compose file has to stand alone`,
      "Write the content into the Compose file.",
    );
  }
  const full = absolutePath(place, path, context, "a path");
  return { path: full, text: context.readFile(full) };
}
