import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { caddyRoutes } from "#agent/caddy-routes.ts";
import { createCertificates } from "#agent/certificates.ts";
import { createLookUp } from "#agent/dns.ts";
import { createOwnDomains } from "#agent/own-domains.ts";
import { openStore } from "#agent/store/database.ts";
import { routeTable } from "#agent/store/routes.ts";
import { createSettings } from "#agent/store/settings.ts";
import { caddyConfig, certificateLogFile } from "#shared/caddy/config.ts";
import { caddyBinaries, freePort, hasCaddy, RealCaddy } from "../shared/caddy/real-caddy.ts";
import { until } from "./docker/engine.ts";
import { hasPebble, type Pebble, refusedDomain, startPebble } from "./pebble.ts";

const HOST = "notes.ada.example.test";
const REFUSED = `notes.${refusedDomain}`;

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

  const beacon = () =>
    ({
      domain: "ada.example.test",
      address: "127.0.0.1",
      httpPort: caddy.httpPort,
      httpsPort: caddy.httpsPort,
      certificates: "acme",
      acme: { directory: pebble.directory, caFile: pebble.rootsFile, email: "ada@example.test" },
      caddyDirectory: caddy.folder,
    }) as const;
  const logFile = () => join(caddy.folder, certificateLogFile);
  const ownDomains = () =>
    createOwnDomains({
      domain: "ada.example.test",
      lookUp: createLookUp([pebble.dnsServer]),
      settings: createSettings(store),
    });
  function routeTo(host: string) {
    const address = app.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return { host, path: "/", alias: "127.0.0.1", port: address.port };
  }

  it("gets one for a new route, though http leads to https, and serves the app under it", async () => {
    const routes = caddyRoutes({ admin: caddy.agentAdmin(), table: routeTable(store), beacon: beacon() });
    routes.prepare();
    await caddy.run(caddyConfig({ beacon: beacon(), instances: [] }), (log) =>
      log.includes("serving initial configuration"),
    );
    await routes.put({ instance: "notes", routes: [routeTo(HOST), routeTo(REFUSED)] });
    const look = createCertificates({
      hosts: () => [HOST, REFUSED],
      address: "127.0.0.1",
      port: caddy.httpsPort,
      logFile: logFile(),
      now: Date.now,
    });

    const certificate = await until(() => servedCertificate().catch(() => undefined));
    expect(certificate.issuer).toContain("CN=Pebble Intermediate CA");
    expect(certificate.checkHost(HOST)).toBe(HOST);
    expect(await caddy.https({ host: HOST }, await pebble.issuerRoots())).toMatchObject({ status: 200, text: "notes" });

    const [good, failing] = await until(async () => {
      const states = await look();
      return states.every(({ certificate, failure }) => certificate !== undefined || failure !== undefined)
        ? states
        : undefined;
    });
    expect(good).toMatchObject({ host: HOST, certificate: { issuer: expect.stringContaining("Pebble Intermediate") } });
    expect(good).not.toHaveProperty("failure");
    expect(failing).toMatchObject({
      host: REFUSED,
      failure: { reason: expect.stringContaining("rejectedIdentifier") },
    });
    expect(failing).not.toHaveProperty("certificate");

    const outgoing = request({ port: caddy.httpPort, host: "127.0.0.1", headers: { host: HOST } }).end();
    const [redirect] = await once(outgoing, "response");
    expect(redirect).toMatchObject({
      statusCode: 308,
      headers: { location: `https://${HOST}:${caddy.httpsPort}/` },
    });
    redirect.destroy();
  });

  it("asks for none for a name that leads elsewhere, until it leads here", async () => {
    const name = "notes.example.net";
    await pebble.setAddress(name, "192.0.2.7");
    const domains = ownDomains();
    const routes = caddyRoutes({ admin: caddy.agentAdmin(), table: routeTable(store), beacon: beacon(), domains });
    await routes.put({ instance: "own", routes: [{ ...routeTo("own.ada.example.test"), otherHosts: [name] }] });
    const look = createCertificates({
      hosts: () => [name, "own.ada.example.test"],
      elsewhere: domains.elsewhere,
      address: "127.0.0.1",
      port: caddy.httpsPort,
      logFile: logFile(),
      now: Date.now,
    });
    const certified = (host: string) =>
      until(async () => {
        const state = (await look()).find((known) => known.host === host);
        return state?.certificate === undefined ? undefined : state;
      });
    await certified("own.ada.example.test");
    expect((await look())[0]).toEqual({
      host: name,
      elsewhere: { found: ["192.0.2.7"], expected: ["127.0.0.1"] },
    });
    await routes.sync();
    expect(domains.isWaiting()).toBe(true);
    expect(readFileSync(logFile(), "utf8")).not.toContain(name);

    await pebble.setAddress(name, "127.0.0.1");
    await routes.sync();
    expect(await certified(name)).not.toHaveProperty("elsewhere");
    expect(await caddy.https({ host: name }, await pebble.issuerRoots())).toMatchObject({ status: 200, text: "notes" });
    expect(ownDomains().elsewhere(name)).toBeUndefined();
  });
});
