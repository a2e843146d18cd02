import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dockerSocket, engineAnswers, startEngine } from "./system/docker-engine.ts";
import { type Part, planParts, type SystemPart, systemParts, type World } from "./system/parts.ts";
import { run } from "./system/run.ts";

export interface SystemOptions {
  readonly needs: readonly SystemPart[];
  /** Takes one line for people. */
  readonly log: (line: string) => void;
  /** `CI=true` turns a missing part into an error. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const root = join(import.meta.dirname, "..");

/**
 * Brings the programs of the operating system that the caller needs, and starts a Docker Engine when none answers.
 * As root on Debian and Ubuntu it installs what is missing with one run of apt-get; elsewhere it says, in one line a
 * part, what is missing and how to get it, and goes on without.
 * @returns the parts that are present, each with the full path of its executable. For `docker` that path is empty when
 * an engine answers that was not installed as a program here.
 * @throws {Error} naming the missing parts when `CI=true`.
 */
export async function prepareSystem({
  needs,
  log,
  env = process.env,
}: SystemOptions): Promise<ReadonlyMap<SystemPart, string>> {
  const before = planParts(needs, await observeWorld(env));
  if (before.install.length > 0) await install(before.install, log);
  const after = before.install.length === 0 ? before : planParts(needs, await observeWorld(env));
  const present = new Map(after.present);
  if (present.has("docker") && !(await ensureEngine(present.get("docker") ?? "", log))) present.delete("docker");

  const missing = needs.filter((part) => !present.has(part));
  for (const part of missing) log(`Missing: ${systemParts[part].title}. ${systemParts[part].hint}`);
  if (missing.length > 0 && env.CI === "true") {
    throw new Error(`CI=true allows no missing part, and these are missing: ${missing.join(", ")}`);
  }
  return present;
}

async function observeWorld(env: Readonly<Record<string, string | undefined>>): Promise<World> {
  // A user's PATH may lack the sbin folders, where Debian has dockerd and debootstrap.
  const folders = [...(env.PATH ?? "").split(":"), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  return {
    find: (executable) => folders.map((folder) => join(folder, executable)).find(isExecutable),
    engineAnswers: await engineAnswers(dockerSocket),
    isRoot: process.getuid?.() === 0,
    system: systemId(),
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function systemId(): string {
  if (!existsSync("/etc/os-release")) return "";
  return /^ID="?([^"\n]+)"?$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "";
}

async function install(wanted: readonly { part: SystemPart; package: string }[], log: (line: string) => void) {
  const packages = wanted.map((part) => part.package);
  log(`Installing from this system's packages, once: ${packages.join(", ")}…`);
  const started = Date.now();
  try {
    await aptInstall(packages);
    for (const { part } of wanted) await keepFromServing(part);
    log(`Installed ${packages.join(", ")} in ${seconds(started)}.`);
  } catch (error) {
    log(error instanceof Error ? error.message : String(error));
  }
}

/** Installs, and when the package lists turn out to be absent or outdated, fetches them and tries once more. */
async function aptInstall(packages: readonly string[]): Promise<void> {
  const apt = (...args: string[]) =>
    run("apt-get", ["-o", "DPkg::Lock::Timeout=300", ...args], { env: { DEBIAN_FRONTEND: "noninteractive" } });
  const install = () => apt("install", "--yes", "--no-install-recommends", ...packages);
  try {
    await install();
  } catch {
    await apt("update");
    await install();
  }
}

async function keepFromServing(name: SystemPart): Promise<void> {
  const part: Part = systemParts[name];
  if (part.unit !== undefined && existsSync("/run/systemd/system"))
    await run("systemctl", ["disable", "--now", part.unit]);
}

/** Whether an engine answers in the end. */
async function ensureEngine(dockerd: string, log: (line: string) => void): Promise<boolean> {
  if (await engineAnswers(dockerSocket)) return true;
  const started = Date.now();
  try {
    await startEngine({
      dockerd,
      socketPath: dockerSocket,
      logFile: join(root, ".wopr/dockerd.log"),
      timeoutMs: 60_000,
    });
    log(`Started the Docker Engine in ${seconds(started)}.`);
    return true;
  } catch (error) {
    log(error instanceof Error ? error.message : String(error));
    return false;
  }
}

const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(1)} s`;
