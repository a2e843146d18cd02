import { execFile } from "node:child_process";
import { promisify } from "node:util";

/**
 * Runs a program in a VPS that is a container, as root, and gives what it wrote to its standard output.
 * @throws {Error} with what it wrote when it fails
 */
export async function runIn(vps: string, ...argv: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("docker", ["exec", vps, ...argv], { maxBuffer: 2 ** 24 });
  return stdout.trimEnd();
}
