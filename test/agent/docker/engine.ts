import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { dockerNames } from "#agent/docker/names.ts";

const run = promisify(execFile);

/** The engine's own command line: what tests set up and check with, beside the code that they test. */
export async function docker(...argv: string[]): Promise<string> {
  const { stdout } = await run("docker", argv, { maxBuffer: 2 ** 26 });
  return stdout.trim();
}

const lines = (text: string) => text.split("\n").filter((line) => line !== "");

/** A label scope that nobody else uses. */
export const uniqueScope = () => `test-${randomBytes(6).toString("hex")}`;

/** All that carries the label of `scope`, by kind. */
export async function leftIn(scope: string): Promise<{ containers: string[]; networks: string[]; volumes: string[] }> {
  const filter = `label=wopr.scope=${scope}`;
  const list = async (...argv: string[]) => lines(await docker(...argv, "--filter", filter)).sort();
  const [containers, networks, volumes] = await Promise.all([
    list("ps", "--all", "--format", "{{.Names}}"),
    list("network", "ls", "--format", "{{.Name}}"),
    list("volume", "ls", "--format", "{{.Name}}"),
  ]);
  return { containers, networks, volumes };
}

/** Removes all that carries the label of `scope`. */
export async function removeScope(scope: string): Promise<void> {
  const { containers, volumes } = await leftIn(scope);
  if (containers.length > 0) await docker("rm", "--force", "--volumes", ...containers);
  // Names of networks may be ambiguous.
  const networks = lines(await docker("network", "ls", "--quiet", "--filter", `label=wopr.scope=${scope}`));
  if (networks.length > 0) await docker("network", "rm", ...networks);
  if (volumes.length > 0) await docker("volume", "rm", ...volumes);
}

export const namesOf = dockerNames;

/** Waits until `condition` gives something, looking again and again. */
export async function until<Value>(condition: () => Promise<Value | undefined> | Value | undefined): Promise<Value> {
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
