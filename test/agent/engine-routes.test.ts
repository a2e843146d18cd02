// @module-tag docker
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { caddyAdmin } from "#agent/caddy.ts";
import { caddyRoutes } from "#agent/caddy-routes.ts";
import type { AgentConfig } from "#agent/config.ts";
import { beaconFacts } from "#agent/engine.ts";
import { routeTable } from "#agent/store/routes.ts";
import { ensureStandIns, type StandInMirror } from "#scripts/stand-ins.ts";
import { caddyConfig } from "#shared/caddy/config.ts";
import { DOMAIN, getPage, newConfig, removeBeacon, startEngine, type TestEngine } from "./beacon.ts";
import { docker as cli, leftIn, until } from "./docker/engine.ts";

let mirror: StandInMirror;
let config: AgentConfig;
let engine: TestEngine;

const HOST = "hello.ada.example.test";

beforeAll(async () => {
  mirror = await ensureStandIns({ log: () => undefined, only: ["misbehaving", "caddy"] });
  config = await newConfig({ registryMirror: mirror.mirror });
  engine = startEngine(config);
  expect(await engine.run("module.install", { module: "caddy" })).toMatchObject({ state: "done" });
});
afterAll(async () => {
  await engine.end();
  await removeBeacon(config);
  await mirror.stop();
});
afterEach(() => engine.run("module.remove", { instance: "hello", data: "delete", confirm: "hello" }));

const stepsOf = async (name: string, input: Record<string, unknown>) =>
  (await engine.queue.plan(name, input)).steps.map(({ kind }) => kind);

describe("with Caddy", () => {
  test("an app is installed, served, stopped, started and removed; its data stays until it is deleted", async () => {
    expect(await engine.run("module.install", { module: "hello" })).toMatchObject({ state: "done" });
    const page = await until(() => getPage(engine, HOST).catch(() => undefined));
    expect(page.status).toBe(200);
    expect(page.text).toContain("All is well.");

    const [, hello] = await engine.instances();
    expect(hello).toMatchObject({
      name: "hello",
      state: "running",
      services: [{ state: "running", health: "healthy" }],
    });
    expect(hello?.urls).toEqual([`https://hello.ada.example.test:${config.httpsPort}/`]);
    expect(await stepsOf("module.install", { module: "hello" })).toEqual([]);
    expect((await engine.run("module.install", { module: "hello" })).state).toBe("done");

    await cli("exec", `${config.scope}_hello_web`, "sh", "-c", "echo precious > /var/lib/hello/file");
    expect((await engine.run("module.stop", { instance: "hello" })).state).toBe("done");
    expect((await engine.instances()).map(({ state }) => state)).toEqual(["running", "stopped"]);
    expect((await getPage(engine, HOST)).status).toBe(502);
    expect((await engine.run("module.start", { instance: "hello" })).state).toBe("done");

    expect((await engine.run("module.remove", { instance: "hello" })).state).toBe("done");
    expect((await getPage(engine, HOST).catch(() => ({ status: 404 }))).status).toBe(404);
    expect(await leftIn(config.scope)).toMatchObject({ containers: [`${config.scope}_caddy_caddy`] });
    expect((await engine.run("module.install", { module: "hello" })).state).toBe("done");
    expect(await cli("exec", `${config.scope}_hello_web`, "cat", "/var/lib/hello/file")).toBe("precious");

    const removal = { instance: "hello", data: "delete", confirm: "hello" };
    expect((await engine.run("module.remove", removal)).state).toBe("done");
    expect((await leftIn(config.scope)).volumes.join()).not.toContain("hello");
    expect(await stepsOf("module.remove", removal)).toEqual([]);
  });

  test("an app can be removed while Caddy is away, and does not come back with it", async () => {
    await engine.run("module.install", { module: "hello" });
    await cli("stop", "--time", "1", `${config.scope}_caddy_caddy`);
    expect(await engine.run("module.remove", { instance: "hello" })).toMatchObject({ state: "done" });
    const startsWith = readFileSync(join(config.dataDirectory, "caddy/caddy.json"), "utf8");
    expect(startsWith).not.toContain(HOST);
    expect(await engine.run("module.install", { module: "caddy" })).toMatchObject({ state: "done" });
    expect(await stepsOf("module.remove", { instance: "hello" })).toEqual([]);
  });

  test("a Caddy that starts again serves what it served", async () => {
    await engine.run("module.install", { module: "hello" });
    await cli("restart", "--time", "1", `${config.scope}_caddy_caddy`);
    const page = await until(() => getPage(engine, HOST).catch(() => undefined));
    expect(page.status).toBe(200);
    expect(
      await until(async () => ((await stepsOf("module.install", { module: "hello" })).length === 0 ? true : undefined)),
    ).toBe(true);
  });
});

describe("routes", () => {
  const beacon = () => beaconFacts(config, DOMAIN);
  const admin = () => caddyAdmin({ socketPath: join(beacon().caddyDirectory, "admin.sock") });
  const startsWith = () => readFileSync(join(beacon().caddyDirectory, "caddy.json"), "utf8");

  test("a configuration that Caddy refuses replaces nothing, in Caddy, in the table and on disk", async () => {
    await engine.run("module.install", { module: "hello" });
    expect((await getPage(engine, HOST)).status).toBe(200);
    const table = routeTable(engine.store);
    const routes = caddyRoutes({ admin: admin(), table, beacon: beacon() });
    const [before, file] = [await admin().current(), startsWith()];
    const route = { host: "bad.ada.example.test", path: "/", alias: "web.bad", port: 80, maxBodyBytes: 1.5 };
    await expect(routes.put({ instance: "bad", routes: [route] })).rejects.toMatchObject({
      code: "routes_refused",
      message: expect.stringContaining("Caddy refused"),
    });
    expect(await admin().current()).toEqual(before);
    expect(startsWith()).toBe(file);
    expect(Object.keys(table.hashes())).toEqual(["hello"]);
    expect((await getPage(engine, HOST)).status).toBe(200);
  });

  test("equal routes are not loaded again", async () => {
    await engine.run("module.install", { module: "hello" });
    let loads = 0;
    const real = admin();
    const load = (loaded: unknown) => {
      loads += 1;
      return real.load(loaded);
    };
    const table = routeTable(engine.store);
    const routes = caddyRoutes({ admin: { ...real, load }, table, beacon: beacon() });
    const [hello] = table.all();
    if (hello === undefined) throw new Error("expected routes of hello");
    await routes.put(hello);
    await routes.sync();
    expect(loads).toBe(0);
    await routes.put({ ...hello, routes: hello.routes.map((route) => ({ ...route, path: "/sub" })) });
    expect(loads).toBe(1);
  });

  test("what somebody else changed in Caddy is put right by the next install", async () => {
    await engine.run("module.install", { module: "hello" });
    await admin().load(caddyConfig({ beacon: beacon(), instances: [] }));
    expect(await stepsOf("module.install", { module: "hello" })).toEqual(["routes.put"]);
    expect((await engine.run("module.install", { module: "hello" })).state).toBe("done");
    expect((await getPage(engine, HOST)).status).toBe(200);
  });

  test("an instance that is only in the table is taken out by its removal", async () => {
    const table = routeTable(engine.store);
    await engine.run("module.install", { module: "hello" });
    await admin().load(caddyConfig({ beacon: beacon(), instances: [] }));
    expect((await engine.run("module.remove", { instance: "hello" })).state).toBe("done");
    expect(table.all()).toEqual([]);
  });

  test("two changes at once are both there", async () => {
    const table = routeTable(engine.store);
    const routes = caddyRoutes({ admin: admin(), table, beacon: beacon() });
    const change = (instance: string) => ({
      instance,
      routes: [{ host: `${instance}.${DOMAIN}`, path: "/", alias: `web.${instance}`, port: 80 }],
    });
    await Promise.all([routes.put(change("one")), routes.put(change("two"))]);
    expect(Object.keys((await routes.observe()) ?? {}).toSorted()).toEqual(["one", "two"]);
    await Promise.all([routes.remove("one"), routes.remove("two")]);
    expect(await routes.observe()).toEqual({});
    expect(startsWith()).not.toContain("web.one");
  });
});
