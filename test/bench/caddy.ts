import { once } from "node:events";
import { createServer } from "node:http";
import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { caddyRoutes } from "#agent/caddy-routes.ts";
import { openStore } from "#agent/store/database.ts";
import { routeTable } from "#agent/store/routes.ts";
import { caddyConfig } from "#shared/caddy/config.ts";
import { caddyBinaries, freePort, RealCaddy } from "../shared/caddy/real-caddy.ts";
import type { Row } from "./table.ts";

const CHANGES = 50;
const CHANGE_EVERY_MS = 100;
const CLIENTS = 10;
const HOST = "app.ada.example.test";
/** Longer than all changes take. */
const SLOW_MS = 8_000;

interface Load {
  answered: number;
  serverErrors: number;
  reset: number;
  /** Reset, and reset again when asked once more. */
  lost: number;
}

/** Clients flat out through Caddy while routes of another app change, for each Caddy there is. */
export async function benchCaddy(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const binary of caddyBinaries) rows.push(...(await benchOne(binary)));
  return rows;
}

async function benchOne(binary: string): Promise<Row[]> {
  const app = createServer((incoming, outgoing) => {
    if (incoming.url === "/slow") setTimeout(() => outgoing.end("done"), SLOW_MS);
    else if (incoming.url === "/stream") stream(outgoing);
    else outgoing.end("app");
  }).listen(0, "127.0.0.1");
  await once(app, "listening");
  const address = app.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const store = openStore(":memory:");
  const caddy = new RealCaddy({ http: await freePort(), https: await freePort() }, binary);
  try {
    const beacon = {
      domain: "ada.example.test",
      address: "127.0.0.1",
      httpPort: caddy.httpPort,
      httpsPort: caddy.httpsPort,
      certificates: "internal",
      caddyDirectory: caddy.folder,
    } as const;
    const upstream = { path: "/", alias: "127.0.0.1", port };
    const instances = [{ instance: "app", routes: [{ ...upstream, host: HOST }] }];
    const routes = caddyRoutes({ admin: caddy.agentAdmin(), table: routeTable(store), beacon });
    await caddy.run(
      caddyConfig({ beacon, instances }),
      (log) => (log.match(/certificate obtained successfully/g) ?? []).length >= 2,
    );
    for (const instance of instances) await routes.put(instance);
    const long = [ask(caddy, "/slow"), ask(caddy, "/stream")];
    const loads = [keptOpen(), opened()];
    const stop = new AbortController();
    const working = loads.map(({ agent, load }) =>
      Promise.all(Array.from({ length: CLIENTS }, () => work(caddy, { agent, load, signal: stop.signal }))),
    );
    for (let change = 0; change < CHANGES; change++) {
      await routes.put({ instance: "other", routes: [{ ...upstream, host: HOST, path: `/change-${change}` }] });
      await sleep(CHANGE_EVERY_MS);
    }
    stop.abort();
    await Promise.all(working);
    const completed = (await Promise.allSettled(long)).filter(
      (ending) => ending.status === "fulfilled" && ending.value === 200,
    ).length;
    for (const { agent } of loads) agent.destroy();
    return loads.map(({ what, load }) => ({
      what: `${binary.split("/").at(-2) ?? "caddy"}, ${CHANGES} route changes, ${what}: requests reset`,
      ours: `${load.reset} of ${load.answered + load.reset} (${((100 * load.reset) / (load.answered + load.reset)).toFixed(2)} %)`,
      peer: `${load.lost} after one retry, ${load.serverErrors} answers of 5xx, ${completed} of 2 long answers complete`,
      ratio: undefined,
    }));
  } finally {
    await caddy.stop();
    store.close();
    app.close().closeAllConnections();
  }
}

const none = (): Load => ({ answered: 0, serverErrors: 0, reset: 0, lost: 0 });
const keptOpen = () => ({ what: "connections kept", agent: new Agent({ keepAlive: true }), load: none() });
const opened = () => ({ what: "a connection each", agent: new Agent({ keepAlive: false }), load: none() });

function stream(outgoing: { write(chunk: string): unknown; end(): unknown }): void {
  const timer = setInterval(() => outgoing.write("."), 100);
  setTimeout(() => {
    clearInterval(timer);
    outgoing.end();
  }, SLOW_MS);
}

interface Work {
  readonly agent: Agent;
  readonly load: Load;
  readonly signal: AbortSignal;
}

async function work(caddy: RealCaddy, { agent, load, signal }: Work): Promise<void> {
  while (!signal.aborted) {
    const once = () => ask(caddy, "/", agent);
    const status = await once().catch(() => {
      load.reset += 1;
      return once().catch(() => {
        load.lost += 1;
        return undefined;
      });
    });
    if (status === undefined) continue;
    load.answered += 1;
    if (status >= 500) load.serverErrors += 1;
  }
}

/** Status of an answer that came to its end. */
async function ask({ httpsPort }: RealCaddy, path: string, agent?: Agent): Promise<number> {
  const outgoing = request({
    host: "127.0.0.1",
    port: httpsPort,
    path,
    servername: HOST,
    headers: { host: HOST },
    rejectUnauthorized: false,
    ...(agent === undefined ? { agent: false } : { agent }),
  });
  // Between the end of an answer and that of its connection nobody else listens.
  outgoing.on("error", () => undefined).end();
  const [incoming] = await once(outgoing, "response");
  for await (const _chunk of incoming);
  return incoming.statusCode;
}
