import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { caddyConfig } from "#shared/caddy/config.ts";
import type { InstanceRoutes } from "#shared/caddy/route.ts";
import { caddyBinaries, hasCaddy, RealCaddy } from "./real-caddy.ts";

const beacon = {
  domain: "ada.example.org",
  address: "127.0.0.1",
  httpPort: 8080,
  httpsPort: 8443,
  certificates: "internal",
  caddyDirectory: "/unused",
} as const;

type Handler = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

async function listen(handler: Handler) {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { server, port: address.port };
}

const echo: Handler = (incoming, outgoing) => {
  let body = "";
  incoming.setEncoding("utf8").on("data", (chunk) => {
    body += chunk;
  });
  incoming.on("end", () => {
    outgoing.writeHead(200, { "x-powered-by": "app", "x-frame-options": "ALLOW" });
    outgoing.end(JSON.stringify({ method: incoming.method, url: incoming.url, headers: incoming.headers, body }));
  });
};

/** Knows Ada by her cookie and says who she is; somebody without a name it lets in as well; others go to its login. */
const signOn: Handler = ({ headers, method, url }, outgoing) => {
  if (headers.cookie === "who=ada") {
    const asked = `${method} ${url} for ${headers["x-forwarded-method"]} ${headers["x-forwarded-uri"]}`;
    outgoing.writeHead(200, { "remote-user": "ada", "x-asked": asked }).end("not for the client");
  } else if (headers.cookie === "who=nameless") outgoing.writeHead(204).end();
  else outgoing.writeHead(302, { location: "https://login.example.org/" }).end();
};

describe.skipIf(!hasCaddy).each(caddyBinaries)("routes in %s", (binary) => {
  let app: Awaited<ReturnType<typeof listen>>;
  let auth: Awaited<ReturnType<typeof listen>>;
  let sockets: WebSocketServer;
  let caddy: RealCaddy;

  beforeAll(async () => {
    [app, auth] = await Promise.all([listen(echo), listen(signOn)]);
    sockets = new WebSocketServer({ server: app.server });
    sockets.on("connection", (socket, { headers }) => {
      socket.on("error", () => undefined);
      socket.on("message", (said) => socket.send(`${headers["remote-user"] ?? "somebody"} said ${said}`));
    });
    const upstream = { path: "/", alias: "127.0.0.1", port: app.port };
    const guarded = {
      alias: "127.0.0.1",
      port: auth.port,
      uri: "/auth?app=notes",
      copyHeaders: ["remote-user", "X-Asked"],
    };
    const instances: InstanceRoutes[] = [
      {
        instance: "notes",
        routes: [
          {
            ...upstream,
            host: "notes.ada.example.org",
            otherHosts: ["notes.example.net"],
            headers: {
              request: { set: { "X-App": "{http.request.host} {x}" }, remove: ["X-Debug"] },
              response: { set: { "X-Frame-Options": "DENY" }, remove: ["X-Powered-By"] },
            },
          },
          { ...upstream, host: "safe.ada.example.org", maxBodyBytes: 1000, forwardAuth: guarded },
          {
            host: "notes.ada.example.org",
            path: "/old",
            redirect: { to: "/new", permanent: true, keepPath: true },
          },
          {
            host: "www.ada.example.org",
            path: "/",
            redirect: { to: "https://notes.example.net/", permanent: false, keepPath: true },
          },
          {
            host: "chat.ada.example.org",
            path: "/",
            redirect: { to: "https://example.net/room", permanent: false, keepPath: false },
          },
        ],
      },
    ];
    caddy = await RealCaddy.start(caddyConfig({ beacon, instances }), binary);
  });

  afterAll(async () => {
    await caddy?.stop();
    sockets.close();
    for (const { server } of [app, auth]) server.close().closeAllConnections();
  });

  it.each(["notes.ada.example.org", "notes.example.net"])("changes headers both ways at %s", async (host) => {
    const { status, headers, text } = await caddy.https({ host, headers: { "x-debug": "1" } });
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "x-frame-options": "DENY" });
    expect(headers).not.toHaveProperty("x-powered-by");
    const asked = JSON.parse(text).headers;
    expect(asked["x-app"]).toBe("{http.request.host} {x}");
    expect(asked).not.toHaveProperty("x-debug");
  });

  it.each([
    ["notes.ada.example.org", "/old/a?b=c", 308, "/new/a?b=c"],
    ["www.ada.example.org", "/a?b=c", 307, "https://notes.example.net/a?b=c"],
    ["www.ada.example.org", "/", 307, "https://notes.example.net/"],
    ["chat.ada.example.org", "/a?b=c", 307, "https://example.net/room"],
  ])("sends people on from %s%s", async (host, path, status, location) => {
    expect(await caddy.https({ host, path, method: "POST" })).toMatchObject({ status, headers: { location } });
  });

  const host = "safe.ada.example.org";

  it("lets in whom the sign-on knows, with the name that it gives, and passes the whole request on", async () => {
    const headers = { cookie: "who=ada", "remote-user": "root" };
    const answer = await caddy.https({ host, path: "/a?b=c", method: "POST", headers, body: "secret" });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({
      method: "POST",
      url: "/a?b=c",
      body: "secret",
      headers: { "remote-user": "ada", "x-asked": "GET /auth?app=notes for POST /a?b=c" },
    });
  });

  it("lets nobody name themselves where the sign-on gives no name", async () => {
    const headers = { cookie: "who=nameless", "remote-user": "root", "Remote-User": "root" };
    const answer = await caddy.https({ host, headers });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text).headers).not.toHaveProperty("remote-user");
  });

  it("gives the answer of the sign-on to whom it does not let in", async () => {
    const answer = await caddy.https({ host, headers: { "remote-user": "root" } });
    expect(answer).toMatchObject({ status: 302, headers: { location: "https://login.example.org/" } });
  });

  it("keeps the limit of the body behind a sign-on", async () => {
    const answer = await caddy.https({ host, method: "POST", headers: { cookie: "who=ada" }, body: "x".repeat(1001) });
    expect(answer.status).toBe(413);
  });

  const open = (name: string, headers: Record<string, string>) => {
    const options = { headers: { host: name, ...headers }, servername: name, rejectUnauthorized: false };
    return new WebSocket(`wss://127.0.0.1:${caddy.httpsPort}/`, options);
  };

  it.each([
    ["notes.ada.example.org", {}, "somebody said hello"],
    [host, { cookie: "who=ada", "remote-user": "root" }, "ada said hello"],
  ])("passes a WebSocket through at %s", async (name, headers, answer) => {
    const socket = open(name, headers);
    await once(socket, "open");
    socket.send("hello");
    expect(String((await once(socket, "message"))[0])).toBe(answer);
    socket.terminate();
  });

  it("opens no WebSocket for whom the sign-on does not know", async () => {
    const [, response] = await once(open(host, {}), "unexpected-response");
    expect(response.statusCode).toBe(302);
  });
});
