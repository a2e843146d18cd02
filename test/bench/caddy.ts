import { EventEmitter, once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { caddyRoutes } from "#agent/caddy-routes.ts";
import { openStore } from "#agent/store/database.ts";
import { routeTable } from "#agent/store/routes.ts";
import { caddyConfig } from "#shared/caddy/config.ts";
import { caddyBinaries, freePort, RealCaddy } from "../shared/caddy/real-caddy.ts";
import { askOnce, askOver, type Client, type Load, noLoad, work } from "./clients.ts";
import type { Row } from "./table.ts";

const CHANGES = 50;
const CHANGE_EVERY_MS = 100;
const CLIENTS = 10;
const HOST = "app.ada.example.test";

/**
 * Clients flat out through Caddy while routes of another app change one after the other, for each Caddy there is. On a
 * beacon Caddy's container has `net.ipv4.tcp_migrate_req`; here it is what this machine, or the namespace that this runs
 * in, has: `unshare --net sh -c "ip link set lo up; sysctl -w net.ipv4.tcp_migrate_req=1; …"`.
 */
export async function benchCaddy(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const binary of caddyBinaries) rows.push(...(await benchOne(binary)));
  return rows;
}

async function benchOne(binary: string): Promise<Row[]> {
  const news = new EventEmitter();
  const app = createServer((incoming, outgoing) => {
    if (incoming.url === "/slow") news.once("over", () => outgoing.end("done"));
    else if (incoming.url === "/stream") stream(outgoing, news);
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
    const place = { port: caddy.httpsPort, host: HOST };
    const long = ["/slow", "/stream"].map((path) => askOnce({ ...place, path }));
    const kinds = kindsOf(place);
    const stop = new AbortController();
    const working = kinds.map(({ client, load }) =>
      Promise.all(Array.from({ length: CLIENTS }, () => work(client(), { load, signal: stop.signal }))),
    );
    for (let change = 0; change < CHANGES; change++) {
      await routes.put({ instance: "other", routes: [{ ...upstream, host: HOST, path: `/change-${change}` }] });
      await sleep(CHANGE_EVERY_MS);
    }
    stop.abort();
    await Promise.all(working);
    news.emit("over");
    const completed = (await Promise.allSettled(long)).filter(
      (ending) => ending.status === "fulfilled" && ending.value === 200,
    ).length;
    return kinds.map(({ what, load }) => rowOf(`${binary.split("/").at(-2) ?? "caddy"}, ${what}`, load, completed));
  } finally {
    await caddy.stop();
    store.close();
    app.close().closeAllConnections();
  }
}

function kindsOf(place: { port: number; host: string }): { what: string; load: Load; client: () => Client }[] {
  const kept = new Agent({ keepAlive: true });
  return [
    { what: "connections kept", load: noLoad(), client: () => () => askOnce({ ...place, agent: kept }) },
    { what: "a connection each", load: noLoad(), client: () => () => askOnce(place) },
    { what: "HTTP/2", load: noLoad(), client: () => askOver(place) },
  ];
}

function rowOf(what: string, { answered, reset, lost, serverErrors }: Load, completed: number): Row {
  const asked = answered + reset;
  const migrates = readFileSync("/proc/sys/net/ipv4/tcp_migrate_req", "utf8").trim();
  return {
    what: `${CHANGES} route changes, ${what}, tcp_migrate_req=${migrates}: requests reset`,
    ours: `${reset} of ${asked} (${((100 * reset) / asked).toFixed(2)} %)`,
    peer: `${lost} after one retry, ${serverErrors} answers of 5xx, ${completed} of 2 long answers complete`,
    ratio: undefined,
  };
}

function stream(outgoing: ServerResponse, news: EventEmitter): void {
  const timer = setInterval(() => outgoing.write("."), 100);
  news.once("over", () => {
    clearInterval(timer);
    outgoing.end();
  });
}
