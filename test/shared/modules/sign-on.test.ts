import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { caddyConfig } from "#shared/caddy/config.ts";
import { moduleInstall } from "#shared/commands/module-install.ts";
import type { ResolvedInstance } from "#shared/instance.ts";
import type { ModuleDefinition } from "#shared/modules/manifest.ts";
import { readModule } from "#shared/modules/read.ts";
import { resolveInstance } from "#shared/modules/resolve.ts";
import { recordOf } from "#shared/plans/changes.ts";
import { caddyBinaries, hasCaddy, RealCaddy } from "../caddy/real-caddy.ts";
import { emptyWorld, observe } from "../world.ts";

function moduleOf(id: string, more: string): ModuleDefinition {
  const manifestText = `
id: ${id}
version: 1.0.0
title: ${id[0]?.toUpperCase()}${id.slice(1)}
category: security
summary: One.
description: One.
replaces: []
addonCentsPerMonth: 0
resources: { memoryMb: 64, cpus: 1, diskMb: 10 }
sources: ["https://example.org"]
${more}`;
  const composeText = "services: {web: {image: web:1}, api: {image: api:1}}\n";
  return readModule({ folder: `compose-modules/${id}`, manifestText, composeText });
}

const gate = moduleOf(
  "gate",
  `
routes: [{ service: web, port: 80 }]
provides:
  forwardAuth: { service: api, port: 9000, uri: /auth?app, copyHeaders: [Remote-User], ownPath: /outpost }`,
);
const notes = moduleOf(
  "notes",
  `
signOn: forward-auth
routes:
  - { service: web, port: 80 }
  - { service: api, port: 81, path: /api, public: true }
redirects: [{ subdomain: www, to: /, permanent: false, keepPath: false }]`,
);
const modules = { notes, gate };
const { beacon } = emptyWorld(modules);
const resolved = (): ResolvedInstance =>
  resolveInstance(notes, { instance: "notes", parameters: {} }, { beacon, modules });

describe("an app that leaves its sign-on to another module", () => {
  it("needs that module, and has it asked on every route that is not public", () => {
    const host = "notes.ada.example.org";
    const forwardAuth = { alias: "api.gate", port: 9000, uri: "/auth?app", copyHeaders: ["Remote-User"] };
    const { routes, requires } = resolved();
    expect(requires).toEqual(["gate"]);
    expect(routes).toEqual([
      { host, path: "/", alias: "web.notes", port: 80, forwardAuth },
      { host, path: "/api", alias: "api.notes", port: 81 },
      { host, path: "/outpost", alias: "api.gate", port: 9000 },
      { host: "www.ada.example.org", path: "/", redirect: { to: "/", permanent: false, keepPath: false } },
    ]);
    const provider = resolveInstance(gate, { instance: "gate", parameters: {} }, { beacon, modules });
    expect(provider.routes).toEqual([{ host: "gate.ada.example.org", path: "/", alias: "web.gate", port: 80 }]);
    const networks = provider.containers.map(({ service, networks }) => [service, networks.edge]);
    expect(networks).toEqual(
      expect.arrayContaining([
        ["api", ["api.gate"]],
        ["web", ["web.gate"]],
      ]),
    );
  });

  it("is not installed before that module runs, and not at all where there is none", () => {
    const seen = observe(emptyWorld(modules));
    expect(() => moduleInstall.plan({ module: "notes" }, seen)).toThrow(
      expect.objectContaining({
        code: "dependency_missing",
        message: "notes needs gate, which is not installed",
        hint: "Install gate first.",
      }),
    );
    expect(() => moduleInstall.plan({ module: "notes" }, { ...seen, modules: { notes } })).toThrow(
      expect.objectContaining({
        code: "dependency_missing",
        message: "Notes lets people in by sign-on, and no module of this beacon provides it",
      }),
    );
    const installed = recordOf(resolveInstance(gate, { instance: "gate", parameters: {} }, { beacon, modules }));
    const plan = moduleInstall.plan({ module: "notes" }, { ...seen, instances: [installed] });
    expect(plan.map(({ kind }) => kind)).toContain("routes.put");
  });
});

describe.skipIf(!hasCaddy).each(caddyBinaries)("its routes in %s", (binary) => {
  const echo: RequestListener = ({ url, headers }, outgoing) => void outgoing.end(JSON.stringify({ url, headers }));
  const app = createServer(echo);
  const auth = createServer((incoming, outgoing) => {
    if (incoming.url?.startsWith("/outpost")) outgoing.end("signed on");
    else if (incoming.headers.cookie === "who=ada") outgoing.writeHead(200, { "remote-user": "ada" }).end();
    else if (incoming.headers.accept === "application/json") outgoing.writeHead(401).end("sign on first");
    else outgoing.writeHead(302, { location: "/outpost/start" }).end();
  });
  let caddy: RealCaddy;

  beforeAll(async () => {
    const [appPort, authPort] = await Promise.all([app, auth].map(portOf));
    // The same routes, to servers on this machine.
    const routes = JSON.parse(
      JSON.stringify(resolved().routes, (key, value) =>
        key === "" || typeof value !== "object" || !("alias" in value)
          ? value
          : { ...value, alias: "127.0.0.1", port: value.alias === "api.gate" ? authPort : appPort },
      ),
    );
    caddy = await RealCaddy.start(caddyConfig({ beacon, instances: [{ instance: "notes", routes }] }), binary);
  });
  afterAll(async () => {
    await caddy?.stop();
    for (const server of [app, auth]) server.close().closeAllConnections();
  });

  const host = "notes.ada.example.org";
  const ask = (path: string, headers: Record<string, string> = {}) => caddy.https({ host, path, headers });

  it("send people to sign on, and tell programs that they are not let in", async () => {
    expect(await ask("/")).toMatchObject({ status: 302, headers: { location: "/outpost/start" } });
    expect(await ask("/", { accept: "application/json" })).toMatchObject({ status: 401, text: "sign on first" });
    expect(await ask("/outpost/start")).toMatchObject({ status: 200, text: "signed on" });
  });

  it("let in who signed on, under that name and no other", async () => {
    const forged = { "remote-user": "root", remote_user: "root", Remote_User: "root", "x-other": "kept" };
    const { status, text } = await ask("/a?b=c", { cookie: "who=ada", ...forged });
    expect(status).toBe(200);
    const { url, headers } = JSON.parse(text);
    expect(url).toBe("/a?b=c");
    expect(headers).toMatchObject({ "remote-user": "ada", "x-other": "kept" });
    expect(Object.keys(headers).filter((name) => name.includes("_"))).toEqual([]);
  });

  it("leave public what is public", async () => {
    expect((await ask("/api/a")).status).toBe(200);
  });
});

async function portOf(server: ReturnType<typeof createServer>): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
