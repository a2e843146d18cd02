import { generateKeyPairSync } from "node:crypto";
import { statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { serveApi } from "#agent/api/listen.ts";
import { recordLog } from "../silent-log.ts";
import { form, install, useServedApi } from "./served-api.ts";

const served = useServedApi();

describe("the sockets", () => {
  it("let only root into one, and anybody near the other", () => {
    expect(statSync(served.api.path("root.sock")).mode & 0o777).toBe(0o600);
    expect(statSync(served.api.path("web.sock")).mode & 0o777).toBe(0o666);
  });

  it("replace a file that a killed agent has left", async () => {
    await served.api.stop();
    writeFileSync(served.api.path("root.sock"), "stale");
    await served.api.start();
    expect((await served.api.ask("/api/me", { socket: "root" })).body).toEqual({ email: "root", role: "owner" });
  });

  it("say when their path is too long, or their port is taken", async () => {
    const { log } = recordLog();
    const load = () => Promise.reject(new Error("never asked"));
    const path = served.api.path("x".repeat(120));
    await expect(serveApi([{ address: { path, mode: 0o600 }, load }], log)).rejects.toMatchObject({
      code: "invalid_input",
    });
    const port = Number(new URL(served.api.hub.origin).port);
    const address = { host: "127.0.0.1", port };
    await expect(serveApi([{ address, load }], log)).rejects.toMatchObject({ code: "port_taken" });
  });
});

describe("who is let in", () => {
  it("tells nobody more than that it runs", async () => {
    expect((await served.api.ask("/health")).body).toEqual({ status: "ok", version: "0.1.0" });
    expect((await served.api.ask("/api/hub")).body).toEqual({ url: served.api.hub.origin });
    const refused = await served.api.ask("/api/overview");
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
    expect((await served.api.ask("/api/me", { headers: await served.api.bearer() })).body).toEqual({
      email: "ada@example.org",
      role: "owner",
    });
  });

  const wrong: [string, RegExp, () => Promise<Record<string, string>>][] = [
    ["for another beacon", /aud/, () => served.api.bearer({ aud: "bcn_somebody-else" })],
    ["of another hub", /iss/, () => served.api.bearer({ iss: "https://evil.example" })],
    ["that has expired", /expired/, () => served.api.bearer({ exp: Date.now() / 1000 - 3600 })],
    [
      "with another key under a known id",
      /not valid/,
      () => served.api.bearer({}, generateKeyPairSync("ed25519").privateKey),
    ],
    [
      "with an unknown key",
      /does not know/,
      () => served.api.bearer({}, generateKeyPairSync("ed25519").privateKey, "key_other"),
    ],
    ["with an unknown role", /who it is for/, () => served.api.bearer({ role: "emperor" })],
    ["that is none", /not valid/, async () => ({ authorization: "Bearer abc" })],
  ];
  it.each(wrong)("does not believe a token %s", async (_what, message, headers) => {
    expect(await served.api.ask("/api/me", { headers: await headers() })).toMatchObject({
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
    expect((await served.api.ask("/api/me", { headers: spoofed })).status).toBe(401);
  });

  it("goes on with the hub's known keys while it is away, also after a restart", async () => {
    const headers = await served.api.bearer();
    expect((await served.api.ask("/api/me", { headers })).status).toBe(200);
    await served.api.hub.stop();
    await served.api.stop();
    await served.api.start();
    expect((await served.api.ask("/api/me", { headers })).status).toBe(200);
    await served.api.hub.start();
  });

  it("asks for an unknown key at most once a minute", async () => {
    const asked = () => served.api.hub.requests.filter((path) => path.includes("jwks")).length;
    const headers = await served.api.bearer({}, generateKeyPairSync("ed25519").privateKey, "key_other");
    for (let times = 0; times < 5; times += 1) await served.api.ask("/api/me", { headers });
    expect(asked()).toBe(1);
    served.api.time += 61_000;
    await served.api.ask("/api/me", { headers });
    expect(asked()).toBe(2);
  });

  it("takes what only the hub asks for from root, and from no person", async () => {
    const body = { name: "beacon.resume", input: {} };
    const headers = await served.api.bearer({ role: "owner" });
    const asked = await served.api.ask("/api/commands", { method: "POST", headers, body });
    expect(asked).toMatchObject({ status: 403, body: { code: "forbidden" } });
    expect(served.api.queue.list(10)).toEqual([]);
    const given = await served.api.ask("/api/commands", { method: "POST", socket: "root", body });
    expect(given).toMatchObject({ status: 202, body: { name: "beacon.resume" } });
  });

  it("lets members look and not touch", async () => {
    const headers = await served.api.bearer({ role: "member" });
    expect((await served.api.ask("/api/commands", { headers })).status).toBe(200);
    expect(await served.api.ask("/api/commands", { method: "POST", headers, body: install })).toMatchObject({
      status: 403,
      body: { code: "forbidden" },
    });
    expect(served.api.queue.list(10)).toEqual([]);
  });
});

describe("sessions", () => {
  it("begin with the hub's token and send the browser to the pages", async () => {
    const { answer, cookie } = await served.api.visit();
    expect(answer).toMatchObject({ status: 303, headers: { location: "/" } });
    expect(answer.headers["set-cookie"]?.[0]).toMatch(
      /^__Host-wopr=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect((await served.api.ask("/api/me", { headers: { cookie } })).body).toEqual({
      email: "ada@example.org",
      role: "owner",
    });
    const stored = served.api.store.prepare<[], { hash: string }>("select hash from session").get();
    expect(stored?.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(cookie).not.toContain(stored?.hash);
  });

  it("do not begin with anything else", async () => {
    expect((await served.api.ask("/session", { method: "POST", headers: form, body: "token=abc" })).status).toBe(401);
    expect((await served.api.ask("/session", { method: "POST", headers: form, body: "" })).status).toBe(400);
  });

  it("end when the person leaves, and after a month", async () => {
    const headers = { cookie: (await served.api.visit()).cookie, "sec-fetch-site": "same-origin" };
    served.api.time += 29 * 86_400_000;
    served.api.heard();
    expect((await served.api.ask("/api/me", { headers })).status).toBe(200);
    expect((await served.api.ask("/session/end", { method: "POST", headers })).status).toBe(204);
    expect((await served.api.ask("/api/me", { headers })).status).toBe(401);
    served.api.time = Date.now();
    const other = { cookie: (await served.api.visit()).cookie };
    served.api.time += 30 * 86_400_000;
    expect((await served.api.ask("/api/me", { headers: other })).status).toBe(401);
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
    const { cookie } = await served.api.visit();
    const answer = await served.api.ask("/api/commands", {
      method: "POST",
      headers: { cookie, ...headers },
      body: install,
    });
    expect(answer.status).toBe(status);
    expect(served.api.queue.list(10)).toHaveLength(status === 202 ? 1 : 0);
  });
});
