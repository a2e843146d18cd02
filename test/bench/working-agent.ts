import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AgentConfig } from "#agent/config.ts";
import { builtAgentCommand, ensureAgentBuilt } from "#scripts/build-agent.ts";
import { ensureStandIns } from "#scripts/stand-ins.ts";
import { newCommandId, newConfig, removeBeacon } from "#test/agent/beacon.ts";
import { MISBEHAVING } from "#test/agent/docker/container-spec.ts";
import { type FakeHub, startFakeHub } from "#test/agent/fake-hub.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The demo's apps, with what they need. */
const REAL = ["caddy", "postgresql", "redis", "vaultwarden", "umami", "element"];

/** Besides them, so many apps of so many containers, which makes twenty in all. */
const APPS = 2;
const SERVICES = 7;

/** An agent as it is released, in a process of its own, linked to a hub, on the machine's Docker. */
export interface WorkingAgent {
  readonly pid: number;
  readonly hub: FakeHub;
  /** Has the hub give a command, and waits for its result. @throws when it did not end well */
  readonly command: (name: string, input: Record<string, unknown>) => Promise<void>;
  /** Asks for all that the dashboard asks for, and watches for a while. */
  readonly openDashboard: (forMs?: number) => Promise<void>;
  /** Reads all that the local API says. */
  readonly visit: (visit: Visit) => Promise<void>;
  readonly log: () => string;
  /** Ends the agent, and leaves what it has made. */
  readonly stop: () => Promise<void>;
  readonly end: () => Promise<void>;
}

export interface WorkingAgentOptions {
  readonly command?: readonly string[];
  readonly sampleMs?: number;
  readonly env?: NodeJS.ProcessEnv;
}

export async function startWorkingAgent(options: WorkingAgentOptions): Promise<WorkingAgent> {
  const { command = builtAgentCommand, sampleMs = 10_000, env = process.env } = options;
  await ensureAgentBuilt({ log: () => undefined });
  const mirror = await ensureStandIns({ log: () => undefined });
  const hub = await startFakeHub();
  const config = await newConfig({ hub: hub.origin, registryMirror: mirror.mirror, sampleMs });
  let child: ChildProcess | undefined;
  const stop = async () => {
    if (child === undefined || child.exitCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  };
  const end = async () => {
    await stop();
    await hub.stop();
    await mirror.stop();
    await removeBeacon(config);
  };
  try {
    const file = layOut(config, hub.token);
    const logFile = join(config.dataDirectory, "agent.log");
    const log = openSync(logFile, "a");
    const [program = "", ...argv] = command;
    child = spawn(program, [...argv, "--config", file], { stdio: ["ignore", log, log], env });
    await hub.welcomed(1);
    const socketPath = join(config.dataDirectory, "root.sock");
    let sequence = 0;
    const give = async (name: string, input: Record<string, unknown>) => {
      const id = newCommandId();
      sequence += 1;
      hub.send({ type: "command", statement: hub.statement({ id, name, input, sequence }) });
      const { result } = await hub.frame("result", (frame) => frame.result.command === id);
      if (result.outcome !== "done") throw new Error(`${name} ${JSON.stringify(input)}: ${JSON.stringify(result)}`);
    };
    for (const module of REAL) await give("module.install", { module });
    for (let n = 0; n < APPS; n++) await give("module.install", { module: "app", instance: `app-${n}` });
    return {
      pid: child.pid ?? 0,
      hub,
      command: give,
      openDashboard: async (forMs = LOOKED_AT_MS) => {
        for (const path of pages) await visit(socketPath, { path });
        await visit(socketPath, { path: "/api/events", forMs });
      },
      visit: (wanted) => visit(socketPath, wanted),
      log: () => readFileSync(logFile, "utf8"),
      stop,
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

const pages = ["/", "/api/overview", "/api/modules", "/api/commands", "/api/metrics", "/api/alerts"];
const LOOKED_AT_MS = 6_000;

export interface Visit {
  readonly path: string;
  /** What to post. */
  readonly body?: unknown;
  /** Breaks off after so long. */
  readonly forMs?: number;
}

const visit = (socketPath: string, { path, body, forMs }: Visit) =>
  new Promise<void>((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const method = body === undefined ? "GET" : "POST";
    const asking = request({ socketPath, path, method, headers, agent: false }, (answer) => {
      answer.resume();
      const { statusCode = 0 } = answer;
      const done = () => (statusCode < 300 ? resolve() : reject(new Error(`${path} was answered with ${statusCode}`)));
      answer.on("close", done).on("error", () => undefined);
      if (forMs !== undefined) setTimeout(() => asking.destroy(), forMs);
    });
    asking.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
  });

/** Writes the configuration. @returns its file */
function layOut(config: AgentConfig, token: string): string {
  const inData = (name: string) => join(config.dataDirectory, name);
  const modules = inData("bench-modules");
  mkdirSync(join(modules, "app"), { recursive: true });
  for (const id of REAL) symlinkSync(join(root, "compose-modules", id), join(modules, id));
  writeFileSync(join(modules, "app/module.yaml"), MANIFEST);
  writeFileSync(join(modules, "app/compose.yaml"), COMPOSE);
  writeFileSync(inData("token"), token);
  const file = inData("agent.json");
  writeFileSync(file, JSON.stringify({ ...config, modulesDirectory: modules, enrolmentTokenFile: inData("token") }));
  return file;
}

const MANIFEST = `id: app
version: 1.0.0
title: App
category: developer
summary: To be watched.
description: To be watched.
replaces: []
addonCentsPerMonth: 0
resources: { memoryMb: 16, cpus: 0.1, diskMb: 1 }
sources: [https://example.org/bench]
`;

const COMPOSE = `services:
${Array.from({ length: SERVICES }, (_, n) => service(`service-${n}`)).join("")}volumes:
  data:
`;

function service(name: string): string {
  return `  ${name}:
    image: ${MISBEHAVING}
    entrypoint: [sleep, infinity]
    init: true
    stop_grace_period: 1s
    volumes: ["data:/data"]
    healthcheck: { test: [CMD, "true"], interval: 1h }
`;
}
