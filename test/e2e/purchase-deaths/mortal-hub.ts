import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HubConfig } from "#hub/config.ts";
import { bundleHub, copySiteFiles } from "#scripts/build-hub.ts";
import { until } from "#scripts/demo/stage.ts";
import { unlessDead } from "./unless-dead.ts";

/** Makes the hub one file, which starts in a fraction of the time. @returns that file */
export async function bundleMortalHub(folder: string): Promise<string> {
  await bundleHub({ hub: join(import.meta.dirname, "hub.ts") }, join(folder, "release/hub"));
  copySiteFiles(join(folder, "release"));
  return join(folder, "release/hub/hub.js");
}

export interface MortalHub {
  /** Starts it; it may die before it is up. */
  start(): void;
  /** 0 when it does not run. */
  readonly pid: number;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Returns when it answers. @throws {Problem} `timed_out` */
  up(): Promise<void>;
}

export interface MortalHubParts {
  readonly program: string;
  readonly folder: string;
  readonly config: HubConfig;
  readonly vendorEndpoints: Readonly<Record<string, string>>;
  /** Where name servers really are, `address:port`, by their addresses. */
  readonly nameServers: Readonly<Record<string, string>>;
  /** Options of Node with which it runs. */
  readonly nodeOptions: readonly string[];
}

export function createMortalHub({ program, folder, config, nodeOptions, ...places }: MortalHubParts): MortalHub {
  const file = join(folder, "hub.json");
  writeFileSync(file, JSON.stringify({ config, ...places }));
  const log = openSync(join(folder, "hub.log"), "a");
  let child: ChildProcess | undefined;
  const endedBy = ({ exitCode }: ChildProcess) =>
    new Error(`a hub ended by itself with ${exitCode}: ${readFileSync(join(folder, "hub.log"), "utf8").slice(-2_000)}`);
  return {
    get pid() {
      return child?.pid ?? 0;
    },
    start: () => {
      child = spawn(process.execPath, [...nodeOptions, program, file], { stdio: ["ignore", log, log] });
    },
    kill: async () => {
      const dying = child;
      child = undefined;
      if (dying === undefined) return;
      if (dying.exitCode !== null)
        throw new Error(`a hub ended by itself with ${dying.exitCode}: see ${folder}/hub.log`);
      dying.kill("SIGKILL");
      await once(dying, "exit");
    },
    up: async () => {
      await until("a hub that answers", 300_000, async () => {
        if (child !== undefined && child.exitCode !== null) throw endedBy(child);
        const answer = await unlessDead(fetch(`${config.publicUrl}/health`));
        return answer?.ok === true || undefined;
      });
    },
  };
}
