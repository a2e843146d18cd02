// @module-tag docker
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AgentConfig } from "#agent/config.ts";
import { ensureStandIns, type StandInMirror } from "#scripts/stand-ins.ts";
import { type DockerProxy, startDockerProxy } from "#test/simulators/docker-proxy.ts";
import { freePort, newConfig, removeBeacon, startEngine, type TestEngine } from "./beacon.ts";
import { docker as cli, until } from "./docker/engine.ts";

let mirror: StandInMirror;
let config: AgentConfig;
let proxy: DockerProxy;
let engine: TestEngine;

/** What one plan for an app that uses both shared services asks the engine. */
async function asked(): Promise<string[]> {
  proxy.requests.length = 0;
  const { steps } = await engine.queue.plan("module.install", { module: "queue" });
  expect(steps).toEqual([]);
  return proxy.requests.map((line) => line.split("?")[0] ?? "").toSorted();
}

const five = ["GET /containers/json", "GET /images/json", "GET /info", "GET /networks", "GET /volumes"];

beforeAll(async () => {
  mirror = await ensureStandIns({ log: () => undefined, only: ["misbehaving", "postgres", "redis"] });
  config = await newConfig({ registryMirror: mirror.mirror });
  proxy = await startDockerProxy(join(config.dataDirectory, "docker.sock"));
  engine = startEngine({ ...config, dockerSocket: proxy.socketPath });
  const install = async (module: string, more: Record<string, unknown> = {}) =>
    expect(await engine.run("module.install", { module, ...more })).toMatchObject({ state: "done" });
  await Promise.all([install("postgresql"), install("redis")]);
  await install("queue");
  await install("queue", { instance: "second" });
  await install("records");
  await install("ported", { parameters: { port: await freePort(), image: "registry.invalid/wopr/misbehaving:1" } });
});
afterAll(async () => {
  await engine.end();
  await proxy.stop();
  await removeBeacon(config);
  await mirror.stop();
});

test("nothing to do takes five calls of the engine, however many instances there are", async () => {
  await asked();
  expect(await asked()).toEqual(five);
  proxy.requests.length = 0;
  expect((await engine.run("module.install", { module: "queue" })).state).toBe("done");
  expect(proxy.requests).toHaveLength(5);
});

test("logins are looked at again in another run of what has them, and once", async () => {
  const redis = `${config.scope}_redis_redis`;
  await cli("restart", redis);
  await until(async () => (await cli("inspect", "--format", "{{.State.Health.Status}}", redis)) === "healthy");
  const again = await asked();
  expect(again.filter((line) => line.endsWith("/exec"))).toHaveLength(1);
  expect(again).toHaveLength(9);
  expect(await asked()).toEqual(five);
});

test("what changed a login forgets what was seen of it", async () => {
  const removal = { instance: "second", data: "delete", confirm: "second" };
  expect((await engine.run("module.remove", removal)).state).toBe("done");
  const { steps } = await engine.queue.plan("module.install", { module: "queue", instance: "second" });
  const kinds = steps.map(({ kind }) => kind);
  expect(kinds).toContain("database.create");
  expect(kinds).toContain("redis.user-create");
});
