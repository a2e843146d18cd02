import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { request } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AgentConfig } from "#agent/config.ts";
import { createEngine, type Engine, type EngineOptions } from "#agent/engine.ts";
import type { Log } from "#agent/log.ts";
import { type AgentDatabase, openStore } from "#agent/store/database.ts";
import { type CommandView, endedStates } from "#shared/api/beacon.ts";
import { removeScope, uniqueScope } from "./docker/engine.ts";

const root = join(import.meta.dirname, "../..");
export const DOMAIN = "ada.example.test";

/** Keeps what is logged, as text. */
export function keptLog(): { log: Log; text: () => string } {
  const lines: string[] = [];
  const keep = (...said: unknown[]) => void lines.push(said.map((part) => JSON.stringify(part, plain)).join(" "));
  return { log: { debug: keep, info: keep, warn: keep, error: keep }, text: () => lines.join("\n") };
}

const plain = (_key: string, value: unknown) =>
  value instanceof Error ? { ...value, message: value.message, stack: value.stack, cause: value.cause } : value;

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("expected a TCP address");
  return address.port;
}

/** A folder with the modules of the repository's fixtures and the real core modules. */
function modulesFolder(data: string): string {
  const folder = join(data, "modules");
  mkdirSync(folder);
  for (const id of ["hello", "ported", "records", "queue", "steady", "everything", "demanding", "pulls", "broken"]) {
    symlinkSync(join(root, "test/fixtures/modules", id), join(folder, id));
  }
  for (const id of ["caddy", "postgresql", "redis"]) symlinkSync(join(root, "compose-modules", id), join(folder, id));
  return folder;
}

/** The settings of a beacon of its own on this machine: folder, ports and scope are nobody else's. */
export async function newConfig(settings: Partial<AgentConfig> = {}): Promise<AgentConfig> {
  const dataDirectory = mkdtempSync(join(tmpdir(), "wopr-beacon-"));
  return AgentConfig.parse({
    hub: "http://127.0.0.1:1",
    dataDirectory,
    scope: uniqueScope(),
    modulesDirectory: modulesFolder(dataDirectory),
    address: "127.0.0.1",
    httpPort: await freePort(),
    httpsPort: await freePort(),
    certificates: "internal",
    ...settings,
  });
}

export async function removeBeacon({ scope, dataDirectory }: AgentConfig): Promise<void> {
  await removeScope(scope);
  rmSync(dataDirectory, { recursive: true, force: true });
}

export interface TestEngine extends Engine {
  readonly config: AgentConfig;
  readonly store: AgentDatabase;
  readonly logged: () => string;
  /** Gives a command and waits for its end. */
  run(name: string, input: Record<string, unknown>): Promise<CommandView>;
  /** Ends the engine, leaves the beacon. */
  end(): Promise<void>;
}

type Timing = Pick<EngineOptions, "patienceMs" | "pullSilenceMs" | "dockerTimes" | "progressMs" | "entitlements">;

/** An engine on the store in the beacon's folder, as `main.ts` makes it. */
export function startEngine(config: AgentConfig, timing: Timing = {}): TestEngine {
  const store = openStore(join(config.dataDirectory, "agent.db"));
  const { log, text } = keptLog();
  const engine = createEngine({
    config,
    domain: DOMAIN,
    store,
    log,
    now: Date.now,
    randomBytes,
    patienceMs: 500,
    ...timing,
  });
  return {
    ...engine,
    config,
    store,
    logged: text,
    run: (name, input) => {
      const view = engine.queue.accept({ id: newCommandId(), sequence: null, name, input, actor: "test" });
      return ended(engine, view.id);
    },
    end: async () => {
      await engine.close();
      store.close();
    },
  };
}

export const newCommandId = () => `cmd_${randomBytes(8).toString("hex")}`;

/** Waits for the end of a command. */
export function ended({ queue }: Pick<Engine, "queue">, id: string): Promise<CommandView> {
  return new Promise((resolve) => {
    const look = (view: CommandView | undefined) => {
      if (view?.id !== id || !endedStates.includes(view.state)) return;
      stop();
      resolve(view);
    };
    const stop = queue.onChange(look);
    look(queue.get(id));
  });
}

export interface Page {
  readonly status: number;
  readonly text: string;
}

/** Asks the beacon's Caddy for a page, as a browser that trusts its authority would. */
export async function getPage(engine: TestEngine, host: string): Promise<Page> {
  const ca = await engine.caCertificate();
  return await new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: engine.config.httpsPort, servername: host, ca, agent: false };
    const asking = request({ ...options, headers: { host } }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => {
        text += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    asking.on("error", reject);
    asking.end();
  });
}
