import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CaddyFacts, caddyConfig } from "#shared/caddy/config.ts";
import { liveRoutes } from "#shared/caddy/live.ts";
import { hashOf } from "#shared/hash.ts";
import { freePort, hasCaddy, RealCaddy } from "./real-caddy.ts";

const beacon = {
  domain: "ada.example.org",
  address: "127.0.0.1",
  httpPort: 8080,
  httpsPort: 8443,
  certificates: "internal",
  caddyDirectory: "/unused",
} as const;

/** Answers with what it was asked; `/events` sends its headers and one event, and then nothing more. */
function app(name: string): Server {
  return createServer((incoming, outgoing) => {
    if (incoming.url === "/events") {
      outgoing.writeHead(200, { "content-type": "text/event-stream" }).write("data: one\n\n");
      return;
    }
    if (incoming.url === "/silent") {
      outgoing.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      return;
    }
    incoming.resume().on("end", () => {
      outgoing.end(JSON.stringify({ name, url: incoming.url, headers: incoming.headers }));
    });
  });
}

describe.skipIf(!hasCaddy)("a real Caddy with a beacon's configuration", () => {
  const [web, api, agent] = [app("web"), app("api"), app("agent")];
  let facts: CaddyFacts;
  let caddy: RealCaddy;

  beforeAll(async () => {
    const [webPort, apiPort, nobody] = [await freePort(), await freePort(), await freePort()];
    await Promise.all([
      once(web.listen(webPort, "127.0.0.1"), "listening"),
      once(api.listen(apiPort, "127.0.0.1"), "listening"),
    ]);
    const route = { host: "notes.ada.example.org", alias: "127.0.0.1" };
    facts = {
      beacon,
      instances: [
        {
          instance: "notes",
          routes: [
            { ...route, path: "/", port: webPort },
            { ...route, path: "/api", port: apiPort, maxBodyBytes: 1000 },
          ],
        },
        { instance: "away", routes: [{ host: "away.ada.example.org", path: "/", alias: "127.0.0.1", port: nobody }] },
      ],
    };
    caddy = await RealCaddy.start(caddyConfig(facts));
    await once(agent.listen(join(caddy.folder, "web.sock")), "listening");
  });

  afterAll(async () => {
    await caddy?.stop();
    for (const server of [web, api, agent]) server.close().closeAllConnections();
  });

  it("serves an app under a certificate of the beacon's own authority", async () => {
    const { text } = await caddy.admin("GET", "/pki/ca/local", "127.0.0.1");
    const { root_certificate } = JSON.parse(text);
    const answer = await caddy.https({ host: "notes.ada.example.org", path: "/a?b=c" }, root_certificate);
    expect(answer.status).toBe(200);
    const seen = JSON.parse(answer.text);
    expect(seen).toMatchObject({ name: "web", url: "/a?b=c" });
    expect(seen.headers).toMatchObject({ "x-forwarded-proto": "https", "x-forwarded-host": "notes.ada.example.org" });
  });

  it.each([
    ["/api", "api"],
    ["/api/users", "api"],
    ["/apis", "web"],
  ])("gives %s to the container with that path: %s", async (path, name) => {
    const answer = await caddy.https({ host: "notes.ada.example.org", path });
    expect(JSON.parse(answer.text)).toMatchObject({ name, url: path });
  });

  it("serves the beacon's own pages over the agent's socket", async () => {
    const answer = await caddy.https({ host: "ada.example.org", path: "/api/overview" });
    expect(JSON.parse(answer.text)).toMatchObject({ name: "agent", url: "/api/overview" });
  });

  it("leads from http to https at the published port", async () => {
    const { status, headers } = await caddy.http({ host: "notes.ada.example.org", path: "/a?b=c", method: "POST" });
    expect(status).toBe(308);
    expect(headers.location).toBe("https://notes.ada.example.org:8443/a?b=c");
  });

  it("says so where nothing is served", async () => {
    const answer = await caddy.http({ host: "nobody.ada.example.org" });
    expect(answer).toMatchObject({ status: 404, headers: { "content-type": "text/html; charset=utf-8" } });
    expect(answer.text).toContain("No app is served at this address.");
  });

  it("says that an app is away, and not how Caddy calls that", async () => {
    const answer = await caddy.https({ host: "away.ada.example.org" });
    expect(answer).toMatchObject({ status: 502, headers: { "retry-after": "5", "cache-control": "no-store" } });
    expect(answer.text).toContain("This app is starting or stopped");
    expect(answer.text).not.toContain("{");
  });

  it("refuses a body that is over the limit", async () => {
    const ask = { host: "notes.ada.example.org", path: "/api", method: "POST" };
    const fitting = await caddy.https({ ...ask, body: "x".repeat(1000) });
    expect(fitting.status).toBe(200);
    const answer = await caddy.https({ ...ask, body: "x".repeat(1001) });
    expect(answer).toMatchObject({ status: 413 });
    expect(answer.text).toContain("This is too large");
  });

  it.each(["/events", "/silent"])("passes the headers of an event stream on at once: %s", async (path) => {
    const outgoing = caddy.openHttps({ host: "notes.ada.example.org", path });
    outgoing.end();
    const [incoming] = await once(outgoing, "response");
    expect(incoming.headers["content-type"]).toBe("text/event-stream");
    if (path === "/events") expect(String(await once(incoming, "data"))).toBe("data: one\n\n");
    outgoing.destroy();
  });

  it.each(["127.0.0.1", "localhost", ""])("takes admin requests with the host %j", async (host) => {
    expect((await caddy.admin("GET", "/config/admin/listen", host)).status).toBe(200);
  });

  it("refuses admin requests that a web page made", async () => {
    const answer = await caddy.admin("GET", "/config/", "evil.example.org");
    // Later than 2.8 Caddy does not look at the host on Unix sockets: no web page reaches one.
    expect([403, 200]).toContain(answer.status);
  });

  it("gives back the routes that it serves", async () => {
    const live = JSON.parse((await caddy.admin("GET", "/config/", "127.0.0.1")).text);
    const expected = facts.instances.map(({ instance, routes }) => [instance, hashOf(routes)]);
    expect(liveRoutes(live, facts.instances)).toEqual(Object.fromEntries(expected));
  });

  it("takes a new configuration over its socket again and again, and keeps the old one when the new one is wrong", async () => {
    for (const instances of [facts.instances.slice(0, 1), [], facts.instances]) {
      const loaded = await caddy.admin("POST", "/load", "127.0.0.1", caddy.here(caddyConfig({ beacon, instances })));
      expect(loaded).toMatchObject({ status: 200 });
      const live = JSON.parse((await caddy.admin("GET", "/config/", "127.0.0.1")).text);
      expect(Object.keys(liveRoutes(live, [])).sort()).toEqual(instances.map(({ instance }) => instance).sort());
    }
    const wrong = caddy.here(caddyConfig(facts)).replace("reverse_proxy", "no_such_handler");
    expect(await caddy.admin("POST", "/load", "127.0.0.1", wrong)).toMatchObject({ status: 400 });
    expect((await caddy.https({ host: "notes.ada.example.org" })).status).toBe(200);
  });

  it("starts again after it was killed, though its socket is still there", async () => {
    await caddy.killAndStartAgain();
    expect((await caddy.admin("GET", "/config/admin/listen", "127.0.0.1")).status).toBe(200);
    expect((await caddy.https({ host: "notes.ada.example.org" })).status).toBe(200);
  });
});
