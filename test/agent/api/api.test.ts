import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createHubKeys } from "#agent/api/hub-keys.ts";
import { serveApi } from "#agent/api/listen.ts";
import { createListeners } from "#agent/api/listeners.ts";
import { type CommandQueue, createCommandQueue } from "#agent/command-queue.ts";
import { newId } from "#agent/id.ts";
import { createInventoryWatch } from "#agent/inventory-watch.ts";
import { createJournal } from "#agent/journal.ts";
import { createLive, type Live } from "#agent/metrics/live.ts";
import { createMetricsStore } from "#agent/metrics/store.ts";
import { createSessions } from "#agent/sessions.ts";
import { openStore } from "#agent/store/database.ts";
import { createSettings } from "#agent/store/settings.ts";
import type { LogLine } from "#shared/api/beacon.ts";
import { Problem } from "#shared/problem.ts";
import { type FakeHub, startFakeHub } from "../fake-hub.ts";
import { inventory } from "../linked-agent.ts";
import { recordLog } from "../silent-log.ts";

let directory: string;
let hub: FakeHub;
let stops: (() => unknown)[];
let queue: CommandQueue;
let time: number;
let measured: number;
let live: Live;
let logs: (signal: AbortSignal) => AsyncIterable<LogLine>;
let store: ReturnType<typeof openStore>;

const inDirectory = (name: string) => join(directory, name);

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "wopr-api-"));
  hub = await startFakeHub();
  store = openStore(":memory:");
  stops = [];
  time = Date.now();
  measured = 0;
  await serve();
});
afterEach(async () => {
  for (const stop of stops.toReversed()) await stop();
  await hub.stop();
  store.close();
  rmSync(directory, { recursive: true });
});

async function serve() {
  const { log } = recordLog();
  const now = () => time;
  const observe = () => Promise.reject(new Problem("docker_unavailable", "Docker does not answer"));
  queue = createCommandQueue({ journal: createJournal(store, now), reconcile: async () => undefined, observe, log });
  live = createLive({
    collect: async () => {
      measured += 1;
      return { load_1: measured };
    },
    everyMs: 10,
    now,
    log,
  });
  const watch = createInventoryWatch({ collect: async () => inventory, queue, everyMs: 60_000, log });
  const metrics = createMetricsStore({ db: store, sampleMs: 10_000, now });
  metrics.add({ at: time - (time % 10_000), values: { load_1: 5 } });
  const parts = {
    enrolment: hub.enrolment,
    hub: hub.origin,
    queue,
    modules: () => [],
    logs: (_request: unknown, signal: AbortSignal) => logs(signal),
    inventory: watch,
    metrics,
    live,
    tokens: {
      keys: createHubKeys({ hub: hub.origin, settings: createSettings(store), now, log }),
      hub: hub.origin,
      beacon: hub.enrolment.beacon,
      now,
    },
    sessions: createSessions(store, now),
    pages: inDirectory("pages"),
    agentVersion: "0.1.0",
    now,
    newId,
    log,
  };
  const listeners = createListeners(parts);
  const close = await serveApi(
    [
      { address: { path: inDirectory("root.sock"), mode: 0o600 }, load: async () => listeners.root },
      { address: { path: inDirectory("web.sock"), mode: 0o666 }, load: async () => listeners.person },
    ],
    log,
  );
  stops.push(() => queue.stop(), watch.stop, live.stop, close);
}

interface Asked {
  readonly socket?: "root" | "web";
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | object;
}

/** Sends a request and gives the answer as soon as its head is there. */
function open(
  path: string,
  { socket = "web", method = "GET", headers = {}, body }: Asked = {},
): Promise<IncomingMessage> {
  const text = typeof body === "object" ? JSON.stringify(body) : body;
  const type = typeof body === "object" ? { "content-type": "application/json" } : {};
  return new Promise((resolve, reject) => {
    const asking = httpRequest(
      {
        agent: false,
        socketPath: inDirectory(`${socket}.sock`),
        path,
        method,
        headers: { host: "ada.example.org", ...type, ...headers },
      },
      resolve,
    );
    asking.on("error", reject);
    asking.end(text);
  });
}

async function ask(path: string, asked: Asked = {}) {
  const response = await open(path, asked);
  let text = "";
  for await (const chunk of response) text += chunk;
  const isJson = /json/.test(response.headers["content-type"] ?? "");
  const body: unknown = isJson ? JSON.parse(text) : text;
  return { status: response.statusCode, headers: response.headers, body };
}

const bearer = async (...claims: Parameters<FakeHub["jwt"]>) => ({
  authorization: `Bearer ${await hub.jwt(...claims)}`,
});
const form = { "content-type": "application/x-www-form-urlencoded" };
const install = { name: "module.install", input: { module: "redis" } };

async function visit() {
  const answer = await ask("/session", { method: "POST", headers: form, body: `token=${await hub.jwt()}` });
  return { answer, cookie: String(answer.headers["set-cookie"]?.[0]?.split(";")[0]) };
}

describe("the sockets", () => {
  it("let only root into one, and anybody near the other", () => {
    expect(statSync(inDirectory("root.sock")).mode & 0o777).toBe(0o600);
    expect(statSync(inDirectory("web.sock")).mode & 0o777).toBe(0o666);
  });

  it("replace a file that a killed agent has left", async () => {
    await stops.pop()?.();
    writeFileSync(inDirectory("root.sock"), "stale");
    await serve();
    expect((await ask("/api/me", { socket: "root" })).body).toEqual({ email: "root", role: "owner" });
  });

  it("say when their path is too long, or their port is taken", async () => {
    const { log } = recordLog();
    const load = () => Promise.reject(new Error("never asked"));
    const path = inDirectory("x".repeat(120));
    await expect(serveApi([{ address: { path, mode: 0o600 }, load }], log)).rejects.toMatchObject({
      code: "invalid_input",
    });
    const port = Number(new URL(hub.origin).port);
    const address = { host: "127.0.0.1", port };
    await expect(serveApi([{ address, load }], log)).rejects.toMatchObject({ code: "port_taken" });
  });
});

describe("who is let in", () => {
  it("tells nobody more than that it runs", async () => {
    expect((await ask("/health")).body).toEqual({ status: "ok", version: "0.1.0" });
    expect((await ask("/api/hub")).body).toEqual({ url: hub.origin });
    const refused = await ask("/api/overview");
    expect(refused).toMatchObject({
      status: 401,
      body: {
        type: "urn:wopr:problem:not_signed_in",
        status: 401,
        code: "not_signed_in",
        hint: "Open it from the hub.",
      },
    });
    expect(refused.headers["content-type"]).toBe("application/problem+json");
    expect(refused.headers["www-authenticate"]).toBe("Bearer");
  });

  it("believes a token of the hub for this beacon", async () => {
    expect((await ask("/api/me", { headers: await bearer() })).body).toEqual({
      email: "ada@example.org",
      role: "owner",
    });
  });

  const wrong: [string, RegExp, () => Promise<Record<string, string>>][] = [
    ["for another beacon", /aud/, () => bearer({ aud: "bcn_somebody-else" })],
    ["of another hub", /iss/, () => bearer({ iss: "https://evil.example" })],
    ["that has expired", /expired/, () => bearer({ exp: Date.now() / 1000 - 3600 })],
    ["with another key under a known id", /not valid/, () => bearer({}, generateKeyPairSync("ed25519").privateKey)],
    ["with an unknown key", /does not know/, () => bearer({}, generateKeyPairSync("ed25519").privateKey, "key_other")],
    ["with an unknown role", /who it is for/, () => bearer({ role: "emperor" })],
    ["that is none", /not valid/, async () => ({ authorization: "Bearer abc" })],
  ];
  it.each(wrong)("does not believe a token %s", async (_what, message, headers) => {
    expect(await ask("/api/me", { headers: await headers() })).toMatchObject({
      status: 401,
      body: { code: "not_signed_in", message: expect.stringMatching(message) },
    });
  });

  it("believes nothing about where a request comes from", async () => {
    const spoofed = {
      "x-forwarded-for": "127.0.0.1",
      "x-real-ip": "127.0.0.1",
      forwarded: "for=127.0.0.1;by=unix",
      "x-forwarded-host": "localhost",
      host: "localhost",
    };
    expect((await ask("/api/me", { headers: spoofed })).status).toBe(401);
  });

  it("goes on with the hub's known keys while it is away, also after a restart", async () => {
    const headers = await bearer();
    expect((await ask("/api/me", { headers })).status).toBe(200);
    await hub.stop();
    for (const stop of stops.splice(0).toReversed()) await stop();
    await serve();
    expect((await ask("/api/me", { headers })).status).toBe(200);
    await hub.start();
  });

  it("asks for an unknown key at most once a minute", async () => {
    const asked = () => hub.requests.filter((path) => path.includes("jwks")).length;
    const headers = await bearer({}, generateKeyPairSync("ed25519").privateKey, "key_other");
    for (let times = 0; times < 5; times += 1) await ask("/api/me", { headers });
    expect(asked()).toBe(1);
    time += 61_000;
    await ask("/api/me", { headers });
    expect(asked()).toBe(2);
  });

  it("lets members look and not touch", async () => {
    const headers = await bearer({ role: "member" });
    expect((await ask("/api/commands", { headers })).status).toBe(200);
    expect(await ask("/api/commands", { method: "POST", headers, body: install })).toMatchObject({
      status: 403,
      body: { code: "forbidden" },
    });
    expect(queue.list(10)).toEqual([]);
  });
});

describe("sessions", () => {
  it("begin with the hub's token and send the browser to the pages", async () => {
    const { answer, cookie } = await visit();
    expect(answer).toMatchObject({ status: 303, headers: { location: "/" } });
    expect(answer.headers["set-cookie"]?.[0]).toMatch(
      /^__Host-wopr=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect((await ask("/api/me", { headers: { cookie } })).body).toEqual({ email: "ada@example.org", role: "owner" });
    const stored = store.prepare<[], { hash: string }>("select hash from session").get();
    expect(stored?.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(cookie).not.toContain(stored?.hash);
  });

  it("do not begin with anything else", async () => {
    expect((await ask("/session", { method: "POST", headers: form, body: "token=abc" })).status).toBe(401);
    expect((await ask("/session", { method: "POST", headers: form, body: "" })).status).toBe(400);
  });

  it("end when the person leaves, and after a month", async () => {
    const headers = { cookie: (await visit()).cookie, "sec-fetch-site": "same-origin" };
    time += 29 * 86_400_000;
    expect((await ask("/api/me", { headers })).status).toBe(200);
    expect((await ask("/session/end", { method: "POST", headers })).status).toBe(204);
    expect((await ask("/api/me", { headers })).status).toBe(401);
    time = Date.now();
    const other = { cookie: (await visit()).cookie };
    time += 30 * 86_400_000;
    expect((await ask("/api/me", { headers: other })).status).toBe(401);
  });

  const origins: [string, Record<string, string>, number][] = [
    ["the beacon's own page", { "sec-fetch-site": "same-origin" }, 202],
    ["the own page in a browser that does not say so", { origin: "https://ada.example.org" }, 202],
    ["another site", { "sec-fetch-site": "cross-site", origin: "https://ada.example.org" }, 403],
    ["another app of the same domain", { "sec-fetch-site": "same-site" }, 403],
    ["another site in an old browser", { origin: "https://evil.example" }, 403],
    ["nowhere", {}, 403],
    ["a sandbox", { origin: "null" }, 403],
  ];
  it.each(origins)("change something only from the beacon's pages: %s", async (_what, headers, status) => {
    const { cookie } = await visit();
    const answer = await ask("/api/commands", { method: "POST", headers: { cookie, ...headers }, body: install });
    expect(answer.status).toBe(status);
    expect(queue.list(10)).toHaveLength(status === 202 ? 1 : 0);
  });
});

describe("the beacon's routes", () => {
  const root = { socket: "root" } as const;

  it("give commands, show them and break them off", async () => {
    const given = await ask("/api/commands", { ...root, method: "POST", body: install });
    expect(given).toMatchObject({ status: 202, body: { name: "module.install", actor: "root" } });
    const [{ id } = { id: "" }] = queue.list(1);
    expect((await ask(`/api/commands/${id}`, root)).body).toMatchObject({ id });
    expect((await ask("/api/commands?limit=1", root)).body).toMatchObject({ commands: [{ id }] });
    expect(await ask(`/api/commands/${id}/cancel`, { ...root, method: "POST" })).toMatchObject({
      status: 202,
      body: { id },
    });
    expect(queue.unacknowledged()).toEqual([]);
  });

  const wrong: [string, Asked, number, string][] = [
    ["/api/commands/cmd_00000000-none", {}, 404, "not_found"],
    ["/api/commands/cmd_00000000-none/cancel", { method: "POST" }, 404, "not_found"],
    ["/api/commands/UPPER", {}, 400, "invalid_input"],
    ["/api/commands?limit=0", {}, 400, "invalid_input"],
    ["/api/commands", { method: "POST", body: { name: "beacon.explode", input: {} } }, 404, "unknown_command"],
    ["/api/commands", { method: "POST", body: { name: "module.install", input: { module: 7 } } }, 400, "invalid_input"],
    [
      "/api/commands",
      { method: "POST", body: "{", headers: { "content-type": "application/json" } },
      400,
      "invalid_input",
    ],
    ["/api/commands", { method: "POST", body: "name=x", headers: form }, 400, "invalid_input"],
    ["/api/commands", { method: "POST", body: { name: "x".repeat(300_000), input: {} } }, 413, "too_large"],
    ["/api/plan", { method: "POST", body: install }, 503, "docker_unavailable"],
    ["/api/metrics?from=yesterday", {}, 400, "invalid_input"],
    ["/api/logs/Not%20A%20Name", {}, 400, "invalid_input"],
    ["/api/nothing", {}, 404, "not_found"],
    ["/nothing", { method: "DELETE" }, 404, "not_found"],
  ];
  it.each(wrong)("answer a problem: %s %j", async (path, asked, status, code) => {
    const answer = await ask(path, { ...asked, ...root });
    expect(answer).toMatchObject({ status, body: { code, status, type: `urn:wopr:problem:${code}` } });
    expect(answer.headers["content-type"]).toBe("application/problem+json");
  });

  it("show the beacon, its modules and what was measured", async () => {
    expect((await ask("/api/overview", root)).body).toMatchObject({
      id: hub.enrolment.beacon,
      name: "ada",
      online: true,
      inventory,
    });
    expect((await ask("/api/modules", root)).body).toEqual({ modules: [] });
    expect((await ask("/api/metrics", root)).body).toMatchObject({
      resolution: "10s",
      points: [{ values: { load_1: [5, 5, 5, 1] } }],
    });
  });

  it("describe themselves", async () => {
    const { status, body } = await ask("/api/openapi.json");
    expect(status).toBe(200);
    expect(Object.keys(Object(body).paths).toSorted()).toEqual([
      "/api/commands",
      "/api/commands/{id}",
      "/api/commands/{id}/cancel",
      "/api/events",
      "/api/hub",
      "/api/logs/{instance}",
      "/api/me",
      "/api/metrics",
      "/api/modules",
      "/api/overview",
      "/api/plan",
      "/health",
      "/session",
      "/session/end",
    ]);
  });
});

/** Reads server-sent events until one fits. */
async function readUntil(response: IncomingMessage, fits: (text: string) => boolean) {
  let text = "";
  for await (const chunk of response) {
    text += chunk;
    if (fits(text)) break;
  }
  return text;
}

describe("events", () => {
  it("tell the overview, live samples and commands, and measure only while somebody listens", async () => {
    expect(measured).toBe(0);
    const response = await open("/api/events", { socket: "root" });
    expect(response.headers["content-type"]).toMatch(/^text\/event-stream/);
    queue.accept({ id: "cmd_00000000-0001", sequence: null, ...install, actor: "root" });
    const text = await readUntil(response, (seen) => /event: live/.test(seen) && /"state":"done"/.test(seen));
    expect(text).toMatch(/event: overview\ndata: \{"id":"bcn_/);
    expect(text).toMatch(/event: live\ndata: \{"at":\d+,"values":\{"load_1":\d+\}\}\n\n/);
    expect(text).toMatch(/event: command\ndata: .*"id":"cmd_00000000-0001"/);
    response.destroy();
    await vi.waitFor(
      () => {
        const before = measured;
        return new Promise<void>((resolve, reject) => {
          setTimeout(() => (measured === before ? resolve() : reject(new Error("still measuring"))), 50);
        });
      },
      { timeout: 5000 },
    );
  });
});

describe("logs", () => {
  const line = (text: string): LogLine => ({ service: "redis", stream: "stdout", text });

  it("come line by line and end with an event", async () => {
    logs = async function* () {
      yield line("one\ntwo");
      yield line("three");
    };
    const { body } = await ask("/api/logs/redis?tail=2", { socket: "root" });
    expect(body).toBe(
      `: open\n\nevent: line\ndata: ${JSON.stringify(line("one\ntwo"))}\n\nevent: line\ndata: ${JSON.stringify(line("three"))}\n\nevent: end\ndata: {}\n\n`,
    );
  });

  it("end with the problem that ended them", async () => {
    logs = async function* () {
      yield line("one");
      throw new Problem("not_found", "there is no instance redis");
    };
    expect((await ask("/api/logs/redis", { socket: "root" })).body).toMatch(
      /event: end\ndata: \{"problem":\{"code":"not_found"/,
    );
  });

  it("wait for a reader who is slow, and stop when that reader leaves", async () => {
    let produced = 0;
    let told = false;
    logs = async function* (signal) {
      signal.addEventListener("abort", () => {
        told = true;
      });
      for (;;) {
        produced += 1;
        yield line("x".repeat(10_000));
      }
    };
    const response = await open("/api/logs/redis?follow=true", { socket: "root" });
    let last = -1;
    await vi.waitFor(
      () => {
        const before = last;
        last = produced;
        expect(produced).toBe(before);
      },
      { timeout: 10_000, interval: 200 },
    );
    expect(produced).toBeLessThan(1000);
    response.destroy();
    await vi.waitFor(() => expect(told).toBe(true), 5000);
  });
});

describe("the pages", () => {
  it("say how to build them when they are not there", async () => {
    expect(await ask("/")).toMatchObject({ status: 503, body: expect.stringMatching(/npm run build:web/) });
  });

  it("are served with a strict policy; hashed files for ever, the first page never from a cache", async () => {
    mkdirSync(inDirectory("pages/assets"), { recursive: true });
    writeFileSync(inDirectory("pages/index.html"), "<h1>beacon</h1>");
    writeFileSync(inDirectory("pages/assets/app-1a2b.js"), "1");
    writeFileSync(inDirectory("secret.txt"), "secret");
    const home = await ask("/");
    expect(home).toMatchObject({ status: 200, body: "<h1>beacon</h1>" });
    expect(home.headers).toMatchObject({ "cache-control": "no-cache", "x-content-type-options": "nosniff" });
    expect(home.headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self';/);
    expect((await ask("/apps/redis")).body).toBe("<h1>beacon</h1>");
    const script = await ask("/assets/app-1a2b.js");
    expect(script.headers).toMatchObject({
      "cache-control": "public, max-age=31536000, immutable",
      "content-type": "text/javascript; charset=utf-8",
    });
    expect((await ask("/assets/gone.js")).status).toBe(404);
    for (const path of ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt"]) {
      expect((await ask(path)).status, path).toBe(404);
    }
    expect((await ask("/%ff")).status).toBe(400);
  });
});
