import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createDocker } from "#agent/docker.ts";
import { openStore } from "#agent/store/database.ts";
import { instanceRecords } from "#agent/store/instance-records.ts";
import type { ContainerSpec } from "#shared/container-spec.ts";
import { recordOf } from "#shared/plans/changes.ts";
import { App, resolvedApp } from "#test/shared/app.ts";
import { namesOf, removeScope, uniqueScope } from "./agent/docker/engine.ts";
import { CREATED_BY, keep, socketPath } from "./agent/docker/with-docker.ts";

const MAIN = fileURLToPath(new URL("../agent/main.ts", import.meta.url));

/** An agent as a process of its own, with one instance `app` on the real engine. */
export interface RealAgent {
  readonly socket: string;
  /** Where it keeps its store. */
  readonly dataDirectory: string;
  readonly process: () => ChildProcess;
  /** Name of the container in Docker. */
  readonly container: string;
  readonly start: () => Promise<void>;
  readonly kill: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

export interface RealAgentOptions {
  readonly hub: string;
  /** For its enrolment. */
  readonly token: string;
  readonly spec: ContainerSpec;
  /** Besides that of the test. */
  readonly environment?: NodeJS.ProcessEnv;
}

export async function startRealAgent({ hub, token, spec, environment }: RealAgentOptions): Promise<RealAgent> {
  const scope = uniqueScope();
  const directory = mkdtempSync(join(tmpdir(), "wopr-real-agent-"));
  const dataDirectory = join(directory, "data");
  const configFile = join(directory, "agent.json");
  mkdirSync(dataDirectory, { mode: 0o700 });
  mkdirSync(join(directory, "modules"));
  writeFileSync(join(directory, "token"), token);
  const config = {
    hub,
    dataDirectory,
    enrolmentTokenFile: join(directory, "token"),
    scope,
    modulesDirectory: join(directory, "modules"),
    certificates: "internal",
    logLevel: "warn",
  };
  writeFileSync(configFile, JSON.stringify(config));

  const store = openStore(join(dataDirectory, "agent.db"));
  const resolved = resolvedApp(App.parse({ [spec.service]: {} }));
  instanceRecords(store).put(recordOf({ ...resolved, containers: [spec], networks: [] }));
  store.close();
  const docker = createDocker({ socketPath, scope });
  await docker.containers.create({ spec, createdBy: CREATED_BY, fill: keep });
  await docker.containers.start(spec);

  let child: ChildProcess;
  const start = async () => {
    const env = { ...process.env, ...environment };
    child = spawn(process.execPath, [MAIN, "--config", configFile], { env, stdio: ["ignore", "inherit", "inherit"] });
  };
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  await start();
  return {
    socket: join(dataDirectory, "root.sock"),
    dataDirectory,
    process: () => child,
    container: namesOf(scope).container(spec),
    start,
    kill,
    remove: async () => {
      await kill();
      await removeScope(scope);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
