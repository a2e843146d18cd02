import { createHash } from "node:crypto";
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { create } from "tar";
import { agentVersion } from "#agent/version.ts";
import { formatManifest, type ReleaseFile } from "#shared/release-manifest.ts";
import { ensureAgentBuilt } from "./build-agent.ts";
import { buildWhenChanged } from "./build-when-changed.ts";
import { withMachineLock } from "./machine-lock.ts";
import { agentUnit } from "./release/agent-unit.ts";
import { programBundle } from "./release/program-bundle.ts";
import { openReleaseKey, type ReleaseKey } from "./release/release-key.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const from = (path: string) => join(root, path);
const architectures = ["x64", "arm64"] as const;
type Architecture = (typeof architectures)[number];

/** What a hub needs to have servers set up: `releases` of its configuration. */
export interface Packages {
  /** Holds `install.sh`, an archive for each architecture, and the signed manifest. */
  readonly directory: string;
  /** Raw Ed25519 key in base64url. */
  readonly releaseKey: string;
}

/**
 * Makes the folder from which a hub has new servers set up, where something in it changed since the last time. There is an archive for
 * each architecture of which npm has brought the Node.
 * @param key Signs it; the one of this checkout when absent, which is made on the spot.
 */
export async function ensurePackagesBuilt({
  log,
  key = openReleaseKey(from(".wopr/release-key.pem")),
}: {
  readonly log: (line: string) => void;
  readonly key?: ReleaseKey;
}): Promise<Packages> {
  await ensureAgentBuilt({ log });
  const lock = {
    name: `wopr-packages ${root}`,
    timeoutMs: 240_000,
    onWait: () => log("Another process is packing the release; waiting for it…"),
  };
  const directory = await withMachineLock(lock, () =>
    buildWhenChanged({
      what: "the release package",
      output: "dist/packages",
      sources: [
        "agent",
        "cli",
        "mail",
        "shared",
        "ui",
        "compose-modules",
        "install",
        "install.sh",
        "package.json",
      ].concat(["scripts/build-package.ts", "scripts/build-agent.ts", "scripts/release"]),
      into: pack,
      log,
    }),
  );
  // Apart from the packing, which need not be done again for another key. Equal keys give equal signatures.
  writeFileSync(join(directory, "manifest.sig"), key.sign(readFileSync(join(directory, "manifest"))));
  return { directory, releaseKey: key.publicKey };
}

async function pack(aside: string): Promise<void> {
  mkdirSync(aside, { recursive: true });
  const files: ReleaseFile[] = [];
  const add = (kind: ReleaseFile["kind"], architecture: ReleaseFile["architecture"], name: string) => {
    const content = readFileSync(join(aside, name));
    const sha256 = createHash("sha256").update(content).digest("hex");
    files.push({ kind, architecture, sha256, sizeBytes: content.length, name });
  };
  cpSync(from("install.sh"), join(aside, "install.sh"));
  add("installer", "any", "install.sh");
  for (const architecture of architectures.filter((one) => existsSync(nodeOf(one)))) {
    add("agent", architecture, await packAgent(aside, architecture));
  }
  writeFileSync(join(aside, "manifest"), formatManifest({ version: agentVersion, files }));
}

const nodeOf = (architecture: Architecture) => from(`node_modules/node-linux-${architecture}/bin/node`);

/** @returns name of the archive */
async function packAgent(aside: string, architecture: Architecture): Promise<string> {
  const name = `wopr-agent-${agentVersion}-${architecture}`;
  const folder = join(aside, name);
  const into = (path: string) => join(folder, path);
  cpSync(from("dist/release"), folder, { recursive: true, filter: (path) => !isForPeopleWhoBuild(path) });
  mkdirSync(into("bin"));
  cpSync(nodeOf(architecture), into("bin/node"));
  await bundleCommandLine(into("cli"));
  copySqlite(into("node_modules/better-sqlite3"), architecture);
  cpSync(from("compose-modules"), into("compose-modules"), { recursive: true });
  for (const part of readdirSync(from("install"))) cpSync(from(join("install", part)), into(part), { recursive: true });
  writeFileSync(into("system/etc/systemd/system/wopr-agent.service"), agentUnit);
  cpSync(from("LICENSE"), into("LICENSE"));
  writeFileSync(into("package.json"), JSON.stringify({ name: "wopr-agent", version: agentVersion, type: "module" }));
  chmodSync(into("bin/node"), 0o755);
  // Without owners and times, so that equal sources give equal bytes.
  await create(
    { cwd: aside, file: join(aside, `${name}.tar.gz`), gzip: { level: 6 }, portable: true, mtime: new Date(0) },
    [name],
  );
  rmSync(folder, { recursive: true });
  return `${name}.tar.gz`;
}

/** Maps of the source, and the mark of when it was built. */
const isForPeopleWhoBuild = (path: string) => path.endsWith(".map") || basename(path) === ".source-hash";

const bundleCommandLine = (outdir: string) =>
  build({
    ...programBundle,
    entryPoints: [from("cli/main.ts")],
    outdir,
    minifySyntax: true,
    minifyWhitespace: true,
    external: ["better-sqlite3"],
  });

/** The package without what it is compiled from, and with machine code for one architecture. */
function copySqlite(folder: string, architecture: Architecture): void {
  const source = from("node_modules/better-sqlite3");
  mkdirSync(join(folder, "prebuilds"), { recursive: true });
  for (const part of ["package.json", "LICENSE", "lib"])
    cpSync(join(source, part), join(folder, part), { recursive: true });
  const addon = join("prebuilds", `linux-${architecture}.node`);
  cpSync(join(source, addon), join(folder, addon));
}

if (import.meta.main) {
  const file = process.env.WOPR_RELEASE_KEY;
  const { directory, releaseKey } = await ensurePackagesBuilt({
    log: (line) => console.log(line),
    ...(file === undefined ? {} : { key: openReleaseKey(file) }),
  });
  console.log(`${directory} is signed with the key ${releaseKey}`);
}
