import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { AgentConfig } from "#agent/config.ts";
import { ensureStandIns, type StandInMirror } from "#scripts/stand-ins.ts";
import { getPage, newConfig, removeBeacon, startEngine, type TestEngine } from "./beacon.ts";
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
