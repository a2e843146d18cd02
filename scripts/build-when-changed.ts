import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Beside what was built: the hash of what it was built from. */
const HASH_FILE = ".source-hash";

export interface Build {
  /** For messages, for example `the pages of the console`. */
  readonly what: string;
  /** Folder for what is built, relative to the repository. */
  readonly output: string;
  /** Files and folders that it is built from, relative to the repository. */
  readonly sources: readonly string[];
  /** Writes into an empty folder. */
  readonly into: (folder: string) => Promise<unknown>;
  readonly log: (line: string) => void;
}

/**
 * Builds something where its sources changed since the last time. It is built aside and then put in place, so that what is in
 * use is never half there.
 * @returns the absolute folder
 */
export async function buildWhenChanged({ what, output, sources, into, log }: Build): Promise<string> {
  const folder = join(root, output);
  const hashFile = join(folder, HASH_FILE);
  // The lock file stands for all packages.
  const hash = hashOf([...sources, "package-lock.json"]);
  if (existsSync(hashFile) && readFileSync(hashFile, "utf8") === hash) return folder;
  const startedAt = performance.now();
  const aside = `${folder}.${process.pid}`;
  try {
    await into(aside);
    writeFileSync(join(aside, HASH_FILE), hash);
    rmSync(folder, { recursive: true, force: true });
    renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  log(`built ${what} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  return folder;
}

function hashOf(sources: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of sources.flatMap(filesOf).sort()) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  }
  return hash.digest("hex");
}

function filesOf(source: string): string[] {
  if (!statSync(join(root, source)).isDirectory()) return [source];
  const entries = readdirSync(join(root, source), { recursive: true, withFileTypes: true, encoding: "utf8" });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
}
