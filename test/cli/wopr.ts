import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docker, removeScope, uniqueScope } from "#test/agent/docker/engine.ts";

const main = join(import.meta.dirname, "../../cli/main.ts");

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly said: string;
}

/** A folder with a Compose project called `shop`, and the command line that is used on it. */
export interface Workplace {
  readonly folder: string;
  readonly scope: string;
  /** `wopr compose COMMAND` on the project. */
  readonly wopr: (command: string, ...argv: string[]) => Promise<Outcome>;
  readonly write: (text: string, file?: string) => void;
  /** Ids of the running containers of a service, the newest first. */
  readonly containers: (service: string) => Promise<string[]>;
  /** What a program prints inside of it. */
  readonly inside: (service: string, ...argv: string[]) => Promise<string>;
  /** Removes all that was made. */
  readonly clear: () => Promise<void>;
}

interface WorkplaceOptions {
  /** `host:port` of the registry with the stand-ins. */
  readonly mirror: () => string;
  readonly variables?: Readonly<Record<string, string>>;
}

export function workplace({ mirror, variables = {} }: WorkplaceOptions): Workplace {
  const folder = mkdtempSync(join(tmpdir(), "wopr-compose-"));
  const scope = uniqueScope();
  const containers = async (service: string) => {
    const filters = [`wopr.scope=${scope}`, `wopr.service=${service}`].flatMap((label) => [
      "--filter",
      `label=${label}`,
    ]);
    return (await docker("ps", "--quiet", "--no-trunc", ...filters)).split("\n").filter((id) => id !== "");
  };
  return {
    folder,
    scope,
    wopr: (command, ...argv) => {
      const options = ["-p", "shop", "--state", join(folder, "state"), "--scope", scope, "--mirror", mirror()];
      const all = [main, "compose", command, join(folder, "compose.yaml"), ...options, ...argv];
      const env = { ...process.env, ...variables };
      return new Promise((resolve) => {
        execFile(process.execPath, all, { cwd: folder, env }, (error, out, said) =>
          resolve({ code: error === null ? 0 : Number(error.code), out, said }),
        );
      });
    },
    write: (text, file = "compose.yaml") => writeFileSync(join(folder, file), text),
    containers,
    inside: async (service, ...argv) => docker("exec", (await containers(service))[0] ?? "", ...argv),
    clear: async () => {
      await removeScope(scope);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * What `up` would change now. That it would wait for a container is no change: the engine sees only at the next check of its
 * own that what was asked in between is healthy.
 */
export async function changesIn(wopr: (command: string) => Promise<Outcome>): Promise<string[]> {
  const { code, out, said } = await wopr("plan");
  if (code !== 0) throw new Error(said);
  return out
    .split("\n")
    .filter((line) => line !== "" && line !== "Nothing to do." && !/^Wait until .* is healthy$/.test(line));
}
