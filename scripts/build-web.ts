import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { type SiteName, siteConfig, siteNames, siteSources } from "../vite.config.ts";
import { withMachineLock } from "./machine-lock.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Beside the pages of a site: the hash of what they were built from. */
const HASH_FILE = ".source-hash";

export interface BuiltWeb {
  readonly console: string;
  readonly dashboard: string;
}

/**
 * Builds the pages of the console and of the dashboard where their sources changed since the last time.
 * @returns the folders to be served
 */
export async function ensureWebBuilt({ log }: { log: (line: string) => void }): Promise<BuiltWeb> {
  const lock = {
    name: `wopr-web ${root}`,
    timeoutMs: 120_000,
    onWait: () => log("Another process is building the pages; waiting for it…"),
  };
  await withMachineLock(lock, async () => {
    for (const site of siteNames) await ensureSiteBuilt(site, log);
  });
  return { console: outputOf("console"), dashboard: outputOf("dashboard") };
}

const outputOf = (site: SiteName) => join(root, "dist", site);

async function ensureSiteBuilt(site: SiteName, log: (line: string) => void) {
  const hashFile = join(outputOf(site), HASH_FILE);
  const hash = hashSources(siteSources(site));
  if (existsSync(hashFile) && readFileSync(hashFile, "utf8") === hash) return;
  const startedAt = performance.now();
  await buildInto(site, hash);
  log(`built the pages of the ${site} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

/** Built aside and then put in place, so that pages that are being served are never half there. */
async function buildInto(site: SiteName, hash: string) {
  const output = outputOf(site);
  const aside = `${output}.${process.pid}`;
  const config = siteConfig(site);
  try {
    await build({ ...config, build: { ...config.build, outDir: aside }, configFile: false, logLevel: "warn" });
    writeFileSync(join(aside, HASH_FILE), hash);
    rmSync(output, { recursive: true, force: true });
    renameSync(aside, output);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** The lock file stands for all packages. */
const settings = ["vite.config.ts", "package-lock.json"];

function hashSources(sources: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of [...settings, ...sources.flatMap((source) => filesOf(source)).sort()]) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  }
  return hash.digest("hex");
}

function filesOf(source: string): string[] {
  const entries = readdirSync(join(root, source), { recursive: true, withFileTypes: true, encoding: "utf8" });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
}

if (import.meta.main) await ensureWebBuilt({ log: (line) => console.log(line) });
