import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { BEACON } from "../fake-hub.ts";
import { form, install, useServedApi } from "./served-api.ts";

const served = useServedApi();
const DAY_MS = 86_400_000;

const post = (token: string) => served.api.ask("/session", { method: "POST", headers: form, body: `token=${token}` });
const me = (headers: Record<string, string>) => served.api.ask("/api/me", { headers });
const revoked = (at: number, revision = at) =>
  served.api.hub.signed("people", { beacon: BEACON, revision, revoked: [{ subject: "usr_1", at }] });

describe("a visit's token", () => {
  it("works once, also when the agent was started again in between", async () => {
    const token = await served.api.hub.jwt({ use: "visit" });
    expect((await post(token)).status).toBe(303);
    expect(await post(token)).toMatchObject({ status: 401, body: { message: expect.stringMatching(/used already/) } });
    await served.api.stop();
    await served.api.start();
    expect((await post(token)).status).toBe(401);
    expect((await me({ authorization: `Bearer ${token}` })).status).toBe(401);
  });

  it("works once when it comes twice at the same moment", async () => {
    const token = await served.api.hub.jwt({ use: "visit" });
    const answers = await Promise.all([post(token), post(token), post(token)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 401, 401]);
  });

  it("is not used up by being refused for another reason", async () => {
    const token = await served.api.hub.jwt({ use: "visit", iat: Date.now() / 1000 });
    served.api.time += DAY_MS;
    expect((await post(token)).status).toBe(401);
    served.api.time -= DAY_MS;
    expect((await post(token)).status).toBe(303);
  });

  it("without a signature is none", async () => {
    const [, payload] = (await served.api.hub.jwt({ use: "visit" })).split(".");
    const header = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
    for (const token of [`${header}.${payload}.`, `${header}.${payload}`]) expect((await post(token)).status).toBe(401);
  });
});

describe("somebody whom the hub has shut out", () => {
  it("is signed out here, and comes in with nothing that was given before", async () => {
    const token = await served.api.hub.jwt();
    const { cookie } = await served.api.visit();
    expect((await me({ cookie })).status).toBe(200);
    served.api.people?.receive(revoked(Date.now() + 1_000));
    expect((await me({ cookie })).status).toBe(401);
    expect(await me({ authorization: `Bearer ${token}` })).toMatchObject({
      status: 401,
      body: { message: expect.stringMatching(/ended/) },
    });
    await served.api.stop();
    await served.api.start();
    expect((await me({ authorization: `Bearer ${token}` })).status).toBe(401);
    const later = await served.api.hub.jwt({ use: "visit", iat: Date.now() / 1000 + 5 });
    expect((await post(later)).status).toBe(303);
  });

  it("is not brought back by an older list, nor shut out by one that somebody else made", async () => {
    const at = Date.now() + 1_000;
    served.api.people?.receive(revoked(at));
    served.api.people?.receive(served.api.hub.signed("people", { beacon: BEACON, revision: at - 1, revoked: [] }));
    const token = await served.api.hub.jwt();
    expect((await me({ authorization: `Bearer ${token}` })).status).toBe(401);
    const fresh = await served.api.hub.jwt({ iat: Date.now() / 1000 + 5 });
    const forged = { ...revoked(at + 9_000), key: `key_${randomUUID()}` };
    served.api.people?.receive(forged);
    served.api.people?.receive(
      served.api.hub.signed("people", {
        beacon: "bcn_12345678-other",
        revision: at + 9_000,
        revoked: [{ subject: "usr_1", at: at + 9_000 }],
      }),
    );
    expect((await me({ authorization: `Bearer ${fresh}` })).status).toBe(200);
  });
});

describe("while the hub is away", () => {
  it("sessions go on for a week, across restarts, and commands and pages with them", async () => {
    const { cookie } = await served.api.visit();
    await served.api.hub.stop();
    for (let day = 0; day < 6; day += 1) {
      served.api.time += DAY_MS;
      await served.api.stop();
      await served.api.start();
      const headers = { cookie, "sec-fetch-site": "same-origin" };
      expect((await me({ cookie })).status).toBe(200);
      const given = await served.api.ask("/api/commands", { method: "POST", headers, body: install });
      expect(given.status).toBe(202);
    }
    served.api.time += DAY_MS;
    expect((await me({ cookie })).status).toBe(401);
    await served.api.hub.start();
  });

  it("a token of the hub that came just before still opens the door: its keys are kept", async () => {
    const iat = served.api.time / 1000 + 3 * 86_400;
    const token = await served.api.hub.jwt({ use: "visit", iat, exp: iat + 300 });
    expect((await me({ authorization: `Bearer ${await served.api.hub.jwt()}` })).status).toBe(200);
    await served.api.hub.stop();
    served.api.time += 3 * DAY_MS;
    await served.api.stop();
    await served.api.start();
    expect((await post(token)).status).toBe(303);
    await served.api.hub.start();
  });

  it("root lets the owner in with a link that works once, for a quarter of an hour", async () => {
    await served.api.hub.stop();
    const make = async () => {
      const { status, body } = await served.api.ask("/api/login-links", { socket: "root", method: "POST" });
      expect(status).toBe(201);
      const url = new URL(String(Object(body).url));
      expect([url.host, url.search]).toEqual(["ada.example.org", ""]);
      return url.hash.replace("#sign-in=", "");
    };
    const code = await make();
    const entered = await post(code);
    expect(entered.status).toBe(303);
    const cookie = String(entered.headers["set-cookie"]?.[0]?.split(";")[0]);
    expect((await post(code)).status).toBe(401);
    served.api.time += 20 * DAY_MS;
    expect((await me({ cookie })).body).toEqual({ email: "ada@example.org", role: "owner" });
    const late = await make();
    served.api.time += 16 * 60_000;
    expect((await post(late)).status).toBe(401);
    expect((await post("login_never-made")).status).toBe(401);
    await served.api.hub.start();
  });
});

describe("what only root may", () => {
  it.each(["/api/login-links", "/api/key/rotate"])("is nowhere else: %s", async (path) => {
    const headers = await served.api.bearer();
    expect((await served.api.ask(path, { method: "POST", headers })).status).toBe(404);
    const asRoot = await served.api.bearer({ sub: "root" });
    expect((await served.api.ask(path, { method: "POST", headers: asRoot })).status).toBe(404);
    expect((await served.api.ask(path, { socket: "root", method: "POST" })).status).toBeLessThan(300);
  });
});

describe("leaving the hub", () => {
  const leave = async (role: string, confirm = "ada") =>
    served.api.ask("/api/leave", { method: "POST", headers: await served.api.bearer({ role }), body: { confirm } });

  it("is for the owner, confirmed by the beacon's name; neither for members nor for whoever runs the hub", async () => {
    expect((await leave("member")).status).toBe(403);
    expect((await leave("operator")).status).toBe(403);
    expect(await leave("owner", "other")).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("ada") },
    });
    expect(served.api.left).toEqual([]);
    expect((await leave("owner")).status).toBe(202);
    expect(served.api.left).toEqual(["ada@example.org"]);
    const body = { confirm: "ada" };
    expect((await served.api.ask("/api/leave", { socket: "root", method: "POST", body })).status).toBe(202);
  });

  it("shows in how the link is, and nobody is sent to the hub any more", async () => {
    served.api.status.left();
    expect((await served.api.ask("/api/link", { headers: await served.api.bearer() })).body).toMatchObject({
      state: "left",
    });
    expect((await served.api.ask("/api/hub")).body).toEqual({});
  });
});
