import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { connect } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createEnrolments } from "#hub/fleet/enrolments.ts";
import { createEnrolmentTokenStore } from "#hub/store/enrolment-tokens.ts";
import { caddyConfig } from "#shared/caddy/config.ts";
import { useServedApi } from "#test/agent/api/served-api.ts";
import { createAgentKey } from "#test/hub/test-agent.ts";
import { startTestHub, type TestHub } from "#test/hub/test-hub.ts";
import { hasCaddy, RealCaddy } from "#test/shared/caddy/real-caddy.ts";

const BEACON = "ada.example.org";
const HUB = "hub.ada.example.org";

const claims: Readonly<Record<string, string>> = {
  "X-Forwarded-For": "127.0.0.1",
  Forwarded: 'for=127.0.0.1;by="unix:";host=localhost;proto=https',
  "X-Real-IP": "127.0.0.1",
  "X-Client-IP": "127.0.0.1",
  "True-Client-IP": "127.0.0.1",
  "X-Forwarded-Host": "localhost",
  "X-Forwarded-Proto": "https",
  "X-Original-URL": "/health",
  "X-Rewrite-URL": "/health",
  "X-Forwarded-User": "root",
  "X-Remote-User": "root",
  "Remote-User": "root",
  "Remote-Groups": "operator",
  "X-Wopr-Client-Address": "127.0.0.1",
  Authorization: "Basic cm9vdDpyb290",
};

const served = useServedApi();
let hub: TestHub;
let caddy: RealCaddy;

beforeEach(async () => {
  if (!hasCaddy) return;
  hub = await startTestHub({ trustedProxies: ["127.0.0.1"] });
  const route = { host: HUB, path: "/", alias: "127.0.0.1", port: Number(new URL(hub.url).port) };
  const beacon = {
    domain: BEACON,
    address: "127.0.0.1",
    httpPort: 8080,
    httpsPort: 8443,
    certificates: "internal",
    caddyDirectory: "/unused",
  } as const;
  caddy = await RealCaddy.start(caddyConfig({ beacon, instances: [{ instance: "hub", routes: [route] }] }));
  symlinkSync(served.api.path("web.sock"), join(caddy.folder, "web.sock"));
});
afterEach(async () => {
  await caddy?.stop();
  await hub?.stop();
});

/** Sends a request as it stands over Caddy's HTTPS port. @returns the status */
async function raw(servername: string, requestLine: string, headers: readonly string[], body = ""): Promise<number> {
  const socket = connect({ host: "127.0.0.1", port: caddy.httpsPort, servername, rejectUnauthorized: false });
  socket.write([requestLine, ...headers, `Content-Length: ${body.length}`, "Connection: close", "", body].join("\r\n"));
  return Number(/^HTTP\/1\.1 (\d+)/.exec(await text(socket))?.[1]);
}

describe.skipIf(!hasCaddy)("through a real Caddy, nobody is let in for what a request says of itself", () => {
  const doors = [
    { name: BEACON, get: "/api/overview", post: "/api/commands", health: "/health" },
    { name: HUB, get: "/api/beacons", post: "/api/keys/rotate", health: "/health" },
  ];

  it("by any header, each alone and all together", async () => {
    const all = Object.entries(claims).map(([name, value]) => `${name}: ${value}`);
    for (const { name, get, post, health } of doors) {
      // The way itself is open.
      expect(await raw(name, `GET ${health} HTTP/1.1`, [`Host: ${name}`])).toBe(200);
      for (const lies of [...all.map((line) => [line]), all]) {
        expect([lies, await raw(name, `GET ${get} HTTP/1.1`, [`Host: ${name}`, ...lies])]).toEqual([lies, 401]);
      }
      const json = ["Content-Type: application/json", `Origin: https://${name}`];
      expect(await raw(name, `POST ${post} HTTP/1.1`, [`Host: ${name}`, ...all, ...json], "{}")).toBeGreaterThan(400);
    }
    expect(served.api.queue.list(1)).toEqual([]);
  });

  it("by the name of the host, or by a whole URL in place of the path", async () => {
    for (const { name, get } of doors) {
      const lines: [string, string][] = [
        [`GET http://localhost${get} HTTP/1.1`, name],
        [`GET http://127.0.0.1${get} HTTP/1.1`, name],
        [`GET https://${name}${get} HTTP/1.1`, "localhost"],
        [`GET ${get} HTTP/1.1`, "localhost"],
        [`GET ${get} HTTP/1.1`, "127.0.0.1"],
        [`GET /${get} HTTP/1.1`, name],
        [`GET /health/..${get} HTTP/1.1`, name],
        [`GET /health%2f..${get} HTTP/1.1`, name],
      ];
      for (const [line, host] of lines) {
        const status = await raw(name, line, [`Host: ${host}`, "X-Forwarded-For: 127.0.0.1"]);
        // A host that is none of ours is answered with nothing; a strange path is a page of the dashboard at most.
        const page = /^GET \/(\/|health)/.test(line);
        expect([line, host, status]).toEqual([
          line,
          host,
          expect.toSatisfy((one: number) => one >= 300 || page || host !== name),
        ]);
      }
    }
  });

  it("as root: what only root may is not there", async () => {
    const all = Object.entries(claims).map(([name, value]) => `${name}: ${value}`);
    for (const path of ["/api/login-links", "/api/key/rotate"]) {
      expect(await raw(BEACON, `POST ${path} HTTP/1.1`, [`Host: ${BEACON}`, ...all])).toBe(401);
    }
    const cookie = (await served.api.visit()).cookie;
    const origin = [`Host: ${BEACON}`, `Cookie: ${cookie}`, `Origin: https://${BEACON}`];
    expect(await raw(BEACON, "POST /api/login-links HTTP/1.1", origin)).toBe(404);
  });

  it("as the server that was bought: the hub takes the address that Caddy saw", async () => {
    const beacon = await hub.addBeacon("bought");
    const enrolments = createEnrolments({
      tokens: createEnrolmentTokenStore(hub.db, hub.now),
      beacons: hub.beacons,
      signer: { keys: () => Promise.reject(new Error("not over this one")) },
      now: hub.now,
      onEnrolled: () => undefined,
      onRefused: () => undefined,
    });
    const token = await enrolments.issue(beacon, { awaits: ["addresses"], addresses: ["192.0.2.9"] });
    const { publicKey } = createAgentKey();
    const body = JSON.stringify({ token, publicKey, agentVersion: "1", hostname: "eve" });
    const headers = [`Host: ${HUB}`, "Content-Type: application/json"];
    for (const lie of ["X-Forwarded-For: 192.0.2.9", "Forwarded: for=192.0.2.9", "X-Real-IP: 192.0.2.9"]) {
      expect(await raw(HUB, "POST /api/agent/enrol HTTP/1.1", [...headers, lie], body)).toBe(403);
    }
    await enrolments.expect(beacon, { addresses: ["127.0.0.1"] });
    expect(await raw(HUB, "POST /api/agent/enrol HTTP/1.1", headers, body)).toBe(200);
  });
});
