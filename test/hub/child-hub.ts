import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { HubConfig } from "#hub/config.ts";

export interface ChildHub {
  readonly pid: number;
  /** What it has written so far. */
  output(): string;
  /** Ends it without a chance to tidy up. */
  kill(): Promise<void>;
  /** Asks it to stop. @returns its exit code. */
  terminate(): Promise<number | null>;
}

/** Starts `hub/main.ts` as a process of its own, and returns when it is up. */
export async function startChildHub(config: HubConfig, environment: NodeJS.ProcessEnv = {}): Promise<ChildHub> {
  const child = spawnHub(config, environment);
  const lines: string[] = [];
  const up = new Promise<void>((resolve, reject) => {
    createInterface(child.stdout).on("line", (line) => {
      lines.push(line);
      if (line.includes("the hub is up")) resolve();
    });
    createInterface(child.stderr).on("line", (line) => lines.push(line));
    child.once("exit", (code) => reject(new Error(`the hub ended with ${code}: ${lines.join("\n")}`)));
  });
  await up;
  const { pid } = child;
  if (pid === undefined) throw new Error("a hub that is up has a process");
  const end = async (signal: "SIGKILL" | "SIGTERM") => {
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
    return child.exitCode;
  };
  return {
    pid,
    output: () => lines.join("\n"),
    kill: async () => {
      if (child.exitCode === null && child.signalCode === null) await end("SIGKILL");
    },
    terminate: () => end("SIGTERM"),
  };
}

/** Starts `hub/main.ts` and gives the process. */
export function spawnHub(config: HubConfig, environment: NodeJS.ProcessEnv = {}) {
  const file = join(config.dataDirectory, "..", "hub.json");
  writeFileSync(file, JSON.stringify({ ...config, logLevel: "info" }));
  return spawn(process.execPath, ["hub/main.ts", "--config", file], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
}
