import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { HostFiles } from "../metrics/host-files.ts";

const run = promisify(execFile);

const APT_GET = "/usr/bin/apt-get";

/**
 * Counts the packages whose newer version comes from an archive of security updates, in what `apt-get --simulate upgrade` prints:
 * `Inst openssl [3.0.15-1] (3.0.16-1 Debian-Security:12/stable-security [amd64])`, on Ubuntu `Ubuntu:24.04/noble-security`.
 */
export const countSecurityUpdates = (simulated: string): number =>
  simulated.match(/^Inst \S+ .*\([^)]*-security\b[^)]*\)/gim)?.length ?? 0;

/** What decides the answer: the lists that were fetched, what is installed, and what of it may not be changed. */
const DECIDING = ["/var/lib/apt/lists", "/var/lib/dpkg/status", "/etc/apt/preferences.d"];

/**
 * How many security updates wait to be installed, by the package lists as the system last fetched them. Nothing without apt.
 * Finding out runs a program for a second; it is run again only once something has changed that decides the answer.
 * @returns to be called as often as one likes
 */
export function createSecurityUpdates(files: HostFiles, count = simulateUpgrade): () => Promise<number | undefined> {
  let known: { readonly state: string; readonly count: number } | undefined;
  return async () => {
    if (!files.exists(APT_GET)) return undefined;
    const state = DECIDING.map((path) => files.modifiedAt(path)).join(" ");
    if (known?.state !== state) known = { state, count: await count() };
    return known.count;
  };
}

async function simulateUpgrade(): Promise<number> {
  const { stdout } = await run(APT_GET, ["--simulate", "--quiet", "dist-upgrade"], {
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
    timeout: 120_000,
    maxBuffer: 16 * 2 ** 20,
  });
  return countSecurityUpdates(stdout);
}
