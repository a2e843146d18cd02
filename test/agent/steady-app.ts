import { once } from "node:events";
import { Agent, request } from "node:https";
import { ensureStandIns } from "#scripts/stand-ins.ts";
import type { CommandView } from "#shared/api/beacon.ts";
import { newConfig, removeBeacon, startEngine } from "./beacon.ts";
import { until } from "./docker/engine.ts";

const HOST = "steady.ada.example.test";
const CLIENTS = 5;

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The module `steady` behind Caddy, on a beacon of its own. */
export interface SteadyApp {
  ask(path: string): Promise<Answer>;
  /** Installs it again with other parameters. */
  update(parameters: Record<string, string>): Promise<CommandView>;
  /**
   * Asks all the time, half of the clients over a new connection to the app each, until the work is done.
   * @returns how often there was which answer; other statuses and errors stand before what they say
   */
  underLoad(work: () => Promise<void>): Promise<Map<string, number>>;
  stop(): Promise<void>;
}

export async function startSteadyApp(): Promise<SteadyApp> {
  const mirror = await ensureStandIns({ log: () => undefined, only: ["misbehaving", "caddy"] });
  const config = await newConfig({ registryMirror: mirror.mirror });
  const engine = startEngine(config);
  const agent = new Agent({ keepAlive: true });

  async function ask(path: string): Promise<Answer> {
    const options = {
      host: "127.0.0.1",
      port: config.httpsPort,
      servername: HOST,
      headers: { host: HOST },
      path,
      agent,
    };
    const outgoing = request({ ...options, rejectUnauthorized: false });
    outgoing.on("error", () => undefined).end();
    const [incoming] = await once(outgoing, "response");
    let text = "";
    for await (const chunk of incoming.setEncoding("utf8")) text += chunk;
    return { status: incoming.statusCode, text };
  }

  async function stop(): Promise<void> {
    agent.destroy();
    await engine.end();
    await removeBeacon(config);
    await mirror.stop();
  }

  try {
    for (const module of ["caddy", "steady"]) {
      const { state, problem } = await engine.run("module.install", { module });
      if (state !== "done") throw new Error(`${module} was not installed: ${problem?.message}`);
    }
    await until(() => ask("/").catch(() => undefined));
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    ask,
    stop,
    update: (parameters) => engine.run("module.install", { module: "steady", parameters }),
    underLoad: async (work) => {
      const answers = new Map<string, number>();
      const count = (what: string) => answers.set(what, (answers.get(what) ?? 0) + 1);
      const over = new AbortController();
      const clients = Array.from({ length: CLIENTS }, async (_, client) => {
        while (!over.signal.aborted) {
          await ask(client % 2 === 0 ? "/" : "/fresh").then(
            ({ status, text }) => count(status === 200 ? text : `${status} ${text.slice(0, 40)}`),
            (error: unknown) => count(String(error)),
          );
        }
      });
      try {
        await work();
      } finally {
        over.abort();
        await Promise.all(clients);
      }
      return answers;
    },
  };
}
