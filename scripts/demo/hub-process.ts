import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HubConfig } from "#hub/config.ts";
import { LocalSettings } from "#hub/providers/local.ts";
import { Problem } from "#shared/problem.ts";
import { builtAgentCommand, ensureAgentBuilt } from "../build-agent.ts";
import { builtHubCommand, ensureHubBuilt } from "../build-hub.ts";
import type { Place } from "./place.ts";
import { until } from "./stage.ts";

export interface HubProcess {
  readonly url: string;
  readonly pid: number;
  readonly logFile: string;
  /** The one-time code with which the operator sets the hub up. */
  readonly setupCode: () => string;
  readonly stop: () => Promise<void>;
  /** Ends it without a word, as a power cut would. */
  readonly kill: () => Promise<void>;
}

/** Settings of the provider `local`, as the hub's configuration has them. */
export const localSettings = (root: string, place: Place, mirror: string | undefined): LocalSettings =>
  LocalSettings.parse({
    root: join(place.folder, "beacons"),
    portRange: { from: 7400, to: 7999 },
    modulesDirectory: join(root, "compose-modules"),
    agentCommand: builtAgentCommand,
    ...(mirror === undefined ? {} : { registryMirror: mirror }),
  });

export interface HubSettings {
  readonly root: string;
  readonly place: Place;
  /** Registry that is asked first for every image. */
  readonly mirror: string | undefined;
  /** What it sells, and who takes the money; an operator places all orders when absent. */
  readonly business?: Pick<HubConfig, "shop" | "billing"> | undefined;
}

/**
 * Starts a hub as an operator would, on its own configuration and an empty database, and waits until it is healthy.
 * @throws {Problem} `unavailable` with the log's tail when it ends or does not get healthy.
 */
export async function startHub({ root, place, mirror, business }: HubSettings): Promise<HubProcess> {
  await ensureAgentBuilt({ log: () => undefined });
  await ensureHubBuilt({ log: () => undefined });
  const url = `http://localhost:${place.hubPort}`;
  const dataDirectory = join(place.folder, "hub");
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const configFile = join(place.folder, "hub.json");
  const config = {
    listen: { host: "127.0.0.1", port: place.hubPort },
    publicUrl: url,
    dataDirectory,
    zone: "localhost",
    modulesDirectory: join(root, "compose-modules"),
    consoleDirectory: join(root, "dist/console"),
    mail: { kind: "smtp", host: "127.0.0.1", port: place.smtpPort, from: "WOPR <hub@wopr.localhost>" },
    providers: { local: localSettings(root, place, mirror) },
    ...business,
  };
  writeFileSync(configFile, JSON.stringify(config, null, 2));

  const logFile = join(place.folder, "hub.log");
  const log = openSync(logFile, "a");
  const [program = process.execPath, ...flags] = builtHubCommand;
  const child = spawn(program, [...flags, "--config", configFile], {
    cwd: root,
    stdio: ["ignore", log, log],
    // A Ctrl-C in the terminal is for the demo, which stops the hub in its turn.
    detached: true,
  });
  await until("the hub's first sign of health", 30_000, async () => {
    if (child.exitCode !== null) throw notHealthy(logFile, `ended with code ${child.exitCode}`);
    const response = await fetch(`${url}/health`).catch((error: unknown) => {
      if (error instanceof TypeError) return undefined;
      throw error;
    });
    return response?.ok === true ? true : undefined;
  });
  return {
    url,
    pid: child.pid ?? 0,
    logFile,
    setupCode: () => readFileSync(join(dataDirectory, "setup-code"), "utf8").trim(),
    stop: () => end(child, "SIGTERM"),
    kill: () => end(child, "SIGKILL"),
  };
}

const notHealthy = (logFile: string, what: string) =>
  new Problem("unavailable", `the hub ${what}`, {
    hint: `Its log is ${logFile}.`,
    details: { log: readFileSync(logFile, "utf8").split("\n").slice(-8) },
  });

async function end(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(timer);
}
