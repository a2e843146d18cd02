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

/**
 * How many security updates wait to be installed, by the package lists as the system last fetched them. Nothing without apt.
 * This runs a program for a second, so it is for once in hours.
 */
export async function pendingSecurityUpdates(files: HostFiles): Promise<number | undefined> {
  if (!files.exists(APT_GET)) return undefined;
  const { stdout } = await run(APT_GET, ["--simulate", "--quiet", "dist-upgrade"], {
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
    timeout: 120_000,
    maxBuffer: 16 * 2 ** 20,
  });
  return countSecurityUpdates(stdout);
}
