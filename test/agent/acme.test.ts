import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { caddyRoutes } from "#agent/caddy-routes.ts";
import { openStore } from "#agent/store/database.ts";
import { routeTable } from "#agent/store/routes.ts";
import { caddyConfig } from "#shared/caddy/config.ts";
import { caddyBinaries, freePort, hasCaddy, RealCaddy } from "../shared/caddy/real-caddy.ts";
import { until } from "./docker/engine.ts";
import { hasPebble, type Pebble, startPebble } from "./pebble.ts";

const HOST = "notes.ada.example.test";

describe.skipIf(!hasCaddy || !hasPebble).each(caddyBinaries)("certificates over ACME, with %s", (binary) => {
  let pebble: Pebble;
  let caddy: RealCaddy;
  const app = createServer((_incoming, outgoing) => void outgoing.end("notes"));
  const store = openStore(":memory:");

  beforeAll(async () => {
    const ports = { http: await freePort(), https: await freePort() };
    pebble = await startPebble({ httpPort: ports.http });
    caddy = new RealCaddy(ports, binary);
    await once(app.listen(0, "127.0.0.1"), "listening");
  });
  afterAll(async () => {
    await caddy?.stop();
    await pebble?.stop();
    app.close().closeAllConnections();
    store.close();
  });

  const servedCertificate = () =>
    new Promise<X509Certificate>((resolve, reject) => {
      const options = { host: "127.0.0.1", port: caddy.httpsPort, servername: HOST, rejectUnauthorized: false };
      const socket = connect(options, () => {
        resolve(new X509Certificate(socket.getPeerCertificate().raw));
        socket.destroy();
      }).on("error", reject);
    });

  it("gets one for a new route, though http leads to https, and serves the app under it", async () => {
    const beacon = {
      domain: "ada.example.test",
      address: "127.0.0.1",
      httpPort: caddy.httpPort,
      httpsPort: caddy.httpsPort,
      certificates: "acme",
      acme: { directory: pebble.directory, caFile: pebble.rootsFile, email: "ada@example.test" },
      caddyDirectory: caddy.folder,
    } as const;
    const routes = caddyRoutes({ admin: caddy.agentAdmin(), table: routeTable(store), beacon });
    routes.prepare();
    await caddy.run(caddyConfig({ beacon, instances: [] }), (log) => log.includes("serving initial configuration"));
    const address = app.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const route = { host: HOST, path: "/", alias: "127.0.0.1", port: address.port };
    await routes.put({ instance: "notes", routes: [route] });

    const certificate = await until(() => servedCertificate().catch(() => undefined));
    expect(certificate.issuer).toContain("CN=Pebble Intermediate CA");
    expect(certificate.checkHost(HOST)).toBe(HOST);
    expect(await caddy.https({ host: HOST }, await pebble.issuerRoots())).toMatchObject({ status: 200, text: "notes" });

    const outgoing = request({ port: caddy.httpPort, host: "127.0.0.1", headers: { host: HOST } }).end();
    const [redirect] = await once(outgoing, "response");
    expect(redirect).toMatchObject({
      statusCode: 308,
      headers: { location: `https://${HOST}:${caddy.httpsPort}/` },
    });
    redirect.destroy();
  });
});
