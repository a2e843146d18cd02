import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { type CaddyRoutes, caddyRoutes } from "#agent/caddy-routes.ts";
import { openStore } from "#agent/store/database.ts";
import { type InstanceRoutes, type RouteTable, routeTable } from "#agent/store/routes.ts";
import { caddyConfig, leavingFile } from "#shared/caddy/config.ts";
import { hashOf } from "#shared/hash.ts";
import { caddyBinaries, freePort, hasCaddy, RealCaddy } from "../shared/caddy/real-caddy.ts";
import { until } from "./docker/engine.ts";

const to = (instance: string, port = 80, more = {}): InstanceRoutes => ({
  instance,
  routes: [{ host: `${instance}.ada.example.test`, path: "/", alias: "127.0.0.1", port, ...more }],
});

describe.skipIf(!hasCaddy).each(caddyBinaries)("routes of a beacon, with %s", (binary) => {
  const app = createServer((_incoming, outgoing) => void outgoing.end("app"));
  const sockets = new WebSocketServer({ server: app });
  sockets.on("connection", (socket) => socket.on("error", () => undefined));
  let caddy: RealCaddy;
  let table: RouteTable;
  let routes: CaddyRoutes;
  let loads: number;
  let whenLoading: () => Promise<void>;
  let appPort: number;
  const endings: (() => unknown)[] = [];

  function routesOf(gatherMs?: number): CaddyRoutes {
    const admin = caddy.agentAdmin();
    const load = async (config: unknown) => {
      loads += 1;
      await whenLoading();
      await admin.load(config);
    };
    return caddyRoutes({
      admin: { ...admin, load },
      table,
      beacon: beacon(),
      ...(gatherMs === undefined ? {} : { gatherMs }),
    });
  }

  const beacon = () =>
    ({
      domain: "ada.example.test",
      address: "127.0.0.1",
      httpPort: caddy.httpPort,
      httpsPort: caddy.httpsPort,
      certificates: "internal",
      caddyDirectory: caddy.folder,
    }) as const;

  const startsWith = () => readFileSync(join(caddy.folder, "caddy.json"), "utf8");
  const isServing = (log: string) => log.includes("serving initial configuration");

  beforeEach(async () => {
    caddy = new RealCaddy({ http: await freePort(), https: await freePort() }, binary);
    endings.push(() => caddy.stop());
    const store = openStore(":memory:");
    endings.push(() => store.close());
    table = routeTable(store);
    loads = 0;
    whenLoading = async () => undefined;
    await once(app.listen(0, "127.0.0.1"), "listening");
    endings.push(() => app.close().closeAllConnections());
    const address = app.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    appPort = address.port;
    routes = routesOf();
    await caddy.run(caddyConfig({ beacon: beacon(), instances: [] }), isServing);
    routes.prepare();
  });
  afterEach(async () => {
    for (let end = endings.pop(); end !== undefined; end = endings.pop()) await end();
  });

  it("makes one change of many that come together, and ends each when its routes are served", async () => {
    await routes.put(to("old"));
    loads = 0;
    await Promise.all([routes.put(to("one")), routes.put(to("two")), routes.remove("old")]);
    expect(loads).toBe(1);
    const expected = Object.fromEntries([to("one"), to("two")].map((put) => [put.instance, hashOf(put.routes)]));
    expect(await routes.observe()).toEqual(expected);
    expect(table.hashes()).toEqual(expected);
    await Promise.all([routes.put(to("one")), routes.put(to("two")), routes.remove("old")]);
    expect(loads).toBe(1);
  });

  it("fails only the instance that is at fault, and names it", async () => {
    const results = await Promise.allSettled([
      routes.put(to("one")),
      routes.put(to("bad", 80, { maxBodyBytes: 1.5 })),
      routes.put(to("two")),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(results[1]).toMatchObject({
      reason: {
        code: "routes_refused",
        message: expect.stringMatching(/^Caddy refused .* \(routes of bad\)$/),
        details: { instance: "bad" },
      },
    });
    expect(Object.keys((await routes.observe()) ?? {}).sort()).toEqual(["one", "two"]);
    expect(startsWith()).not.toContain("bad.ada");
  });

  it("starts again with what it served, as it served it", async () => {
    await routes.put(to("one", appPort));
    const { streamCloseDelay } = await caddy.agentAdmin().abilities();
    expect(startsWith().includes("stream_close_delay")).toBe(streamCloseDelay);
    // The agent starts again as well, while Caddy is away.
    const before = startsWith();
    routesOf().prepare();
    expect(startsWith()).toBe(before);
    await caddy.killAndStartAgain(JSON.parse(before));
    loads = 0;
    await routes.sync();
    expect(loads).toBe(0);
    expect(await routes.observe()).toEqual({ one: hashOf(to("one", appPort).routes) });
  });

  it("while Caddy is away puts nothing, and removes from what it starts with", async () => {
    await routes.put(to("one"));
    await caddy.kill();
    await expect(routes.put(to("two"))).rejects.toMatchObject({ code: "caddy_unavailable" });
    await Promise.all([routes.remove("one"), expect(routes.put(to("two"))).rejects.toBeDefined()]);
    expect(table.all()).toEqual([]);
    expect(startsWith()).not.toContain("one.ada");
    expect(await routes.observe()).toBeNull();
  });

  it("has clients of a Caddy that would reset them leave before a change, and lets them stay after it", async () => {
    await routes.put(to("app", appPort));
    const { streamCloseDelay } = await caddy.agentAdmin().abilities();
    const agent = new Agent({ keepAlive: true });
    endings.push(() => agent.destroy());
    const ask = async () => {
      const host = "app.ada.example.test";
      const options = { host: "127.0.0.1", port: caddy.httpsPort, servername: host, headers: { host }, agent };
      const [answer] = await once(request({ ...options, rejectUnauthorized: false }).end(), "response");
      answer.resume();
      return answer.headers.connection === "close" ? "leaves" : "stays";
    };
    await until(() => ask().catch(() => undefined));
    const asked: string[] = [];
    whenLoading = async () => void asked.push(await ask());
    await routes.put(to("other"));
    await expect(routes.put(to("bad", 80, { maxBodyBytes: 1.5 }))).rejects.toMatchObject({ code: "routes_refused" });
    expect(asked).toEqual(streamCloseDelay ? ["stays", "stays"] : ["leaves", "leaves"]);
    expect(await ask()).toBe("stays");
    expect(existsSync(join(caddy.folder, leavingFile))).toBe(false);
  });

  it("lets clients stay that an agent which was killed had asked to leave", async () => {
    writeFileSync(join(caddy.folder, leavingFile), "");
    routes.prepare();
    expect(existsSync(join(caddy.folder, leavingFile))).toBe(false);
  });

  it("keeps WebSockets open over changes of other routes where Caddy can", async () => {
    await routes.put(to("chat", appPort));
    const open = () => {
      const options = { headers: { host: "chat.ada.example.test" }, servername: "chat.ada.example.test" };
      const socket = new WebSocket(`wss://127.0.0.1:${caddy.httpsPort}/`, { ...options, rejectUnauthorized: false });
      return new Promise<WebSocket>((resolve, reject) =>
        socket.once("open", () => resolve(socket)).once("error", reject),
      );
    };
    const socket = await until(() => open().catch(() => undefined));
    const closed = new Promise<"closed">((resolve) => socket.once("close", () => resolve("closed")));
    await routes.put(to("other"));
    if ((await caddy.agentAdmin().abilities()).streamCloseDelay) {
      const answered = new Promise<"answered">((resolve) => socket.once("pong", () => resolve("answered")));
      socket.ping();
      expect(await Promise.race([answered, closed])).toBe("answered");
    } else expect(await closed).toBe("closed");
    socket.terminate();
  });
});
