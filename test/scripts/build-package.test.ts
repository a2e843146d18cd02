import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createReleases } from "#hub/releases/releases.ts";
import { ensurePackagesBuilt, type Packages } from "#scripts/build-package.ts";
import { openReleaseKey } from "#scripts/release/release-key.ts";
import { parseManifest } from "#shared/release-manifest.ts";

const silent = { log: () => undefined };
let packages: Packages;
let folder: string;
let unpacked: string;
beforeAll(async () => {
  packages = await ensurePackagesBuilt(silent);
  folder = mkdtempSync(join(tmpdir(), "wopr-package-"));
  const archive = readdirSync(packages.directory).find((name) => name.endsWith(".tar.gz")) ?? "";
  execFileSync("tar", ["-xzf", join(packages.directory, archive), "-C", folder]);
  unpacked = join(folder, archive.replace(".tar.gz", ""));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("the folder is a release that a hub takes, with the checksums of what lies in it", async () => {
  expect(await createReleases(packages).facts()).toMatchObject({ releaseKey: packages.releaseKey });
  const { files } = parseManifest(readFileSync(join(packages.directory, "manifest"), "utf8"));
  for (const { name, sha256, sizeBytes } of files) {
    const content = readFileSync(join(packages.directory, name));
    expect(createHash("sha256").update(content).digest("hex")).toBe(sha256);
    expect(content.length).toBe(sizeBytes);
  }
  expect(files.map(({ kind }) => kind).sort()).toEqual(["agent", "installer"]);
});

test("the archive has all that an agent needs to run, and runs where nothing else is", () => {
  const environment = { env: { PATH: "/usr/bin:/bin" }, cwd: "/", encoding: "utf8" } as const;
  const node = join(unpacked, "bin/node");
  const help = execFileSync(node, [join(unpacked, "cli/main.js"), "help"], environment);
  expect(help).toContain("wopr status");
  const config = join(folder, "no-config.json");
  const agent = () =>
    execFileSync(node, [join(unpacked, "agent/main.js"), "--config", config], { ...environment, stdio: "pipe" });
  expect(agent).toThrow(/no-config\.json cannot be read/);
  const opens = `const Database = require("better-sqlite3"); console.log(new Database(":memory:").prepare("select 6 * 7 as x").get().x)`;
  expect(execFileSync(node, ["-e", opens], { ...environment, cwd: unpacked }).trim()).toBe("42");
  expect(readdirSync(join(unpacked, "compose-modules"))).toContain("caddy");
  expect(readdirSync(join(unpacked, "dist/dashboard"))).toContain("index.html");
});

test("the archive has machine code for its own architecture alone, and programs that can be run", () => {
  expect(readdirSync(join(unpacked, "node_modules/better-sqlite3/prebuilds"))).toHaveLength(1);
  for (const program of ["bin/node", "system/usr/local/bin/wopr", "system/etc/update-motd.d/60-wopr"]) {
    expect(statSync(join(unpacked, program)).mode & 0o111).toBe(0o111);
  }
  const secrets = execFileSync("find", [
    unpacked,
    "-name",
    "*.map",
    "-o",
    "-name",
    "*.pem",
    "-o",
    "-name",
    ".source-hash",
  ]);
  expect(secrets.toString()).toBe("");
});

test("the service of the agent is one that systemd understands", () => {
  const unit = join(unpacked, "system/etc/systemd/system/wopr-agent.service");
  const text = readFileSync(unit, "utf8");
  expect(text).toContain("/opt/wopr/current/bin/node");
  expect(text).toContain("--config /etc/wopr/agent.json");
  expect(text).toContain("RestartPreventExitStatus=2");
});

test("another key signs the same files anew", async () => {
  const own = readFileSync(join(packages.directory, "manifest.sig"));
  const key = openReleaseKey(join(folder, "other.pem"));
  try {
    const other = await ensurePackagesBuilt({ ...silent, key });
    expect(other).toEqual({ directory: packages.directory, releaseKey: key.publicKey });
    expect(await createReleases(other).facts()).toMatchObject({ releaseKey: key.publicKey });
    await expect(createReleases(packages).facts()).rejects.toMatchObject({ code: "unavailable" });
  } finally {
    await ensurePackagesBuilt(silent);
  }
  expect(readFileSync(join(packages.directory, "manifest.sig"))).toEqual(own);
});
