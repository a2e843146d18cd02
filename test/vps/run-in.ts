import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { until } from "#scripts/demo/stage.ts";

/**
 * Runs a program in a VPS that is a container, as root, and gives what it wrote to its standard output.
 * @throws {Error} with what it wrote when it fails
 */
export async function runIn(vps: string, ...argv: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("docker", ["exec", vps, ...argv], { maxBuffer: 2 ** 24 });
  return stdout.trimEnd();
}

/** Waits until the first process of a VPS takes orders; its services may be starting still. */
export const untilBooted = (vps: string): Promise<unknown> =>
  until(`systemd in ${vps}`, 30_000, () =>
    runIn(vps, "systemctl", "show", "--property=Version").catch(() => undefined),
  );
