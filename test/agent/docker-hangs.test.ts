// @module-tag docker
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AgentConfig } from "#agent/config.ts";
import { ensureStandIns, type StandInMirror } from "#scripts/stand-ins.ts";
import { type DockerProxy, startDockerProxy } from "#test/simulators/docker-proxy.ts";
import { ended, freePort, newCommandId, newConfig, removeBeacon, startEngine, type TestEngine } from "./beacon.ts";
import { until } from "./docker/engine.ts";
import { problemOf } from "./docker/with-docker.ts";

const dockerTimes = { lookMs: 3_000, pingEveryMs: 100, pingMs: 1_500 };

let mirror: StandInMirror;
let config: AgentConfig;
let proxy: DockerProxy;
let engine: TestEngine;

beforeAll(async () => {
  mirror = await ensureStandIns({ log: () => undefined, only: ["misbehaving"] });
});
afterAll(() => mirror.stop());

beforeEach(async () => {
  config = await newConfig({ registryMirror: mirror.mirror });
  proxy = await startDockerProxy(join(config.dataDirectory, "docker.sock"));
  engine = startEngine({ ...config, dockerSocket: proxy.socketPath }, { dockerTimes });
  const parameters = { port: await freePort(), image: "registry.invalid/wopr/misbehaving:1" };
  expect(await engine.run("module.install", { module: "ported", parameters })).toMatchObject({ state: "done" });
});
afterEach(async () => {
  proxy.hangs = false;
  await engine.end();
  await proxy.stop();
  await removeBeacon(config);
});

const asked = (what: string) => proxy.requests.filter((request) => request.includes(what)).length;
const restart = () => engine.run("module.restart", { instance: "ported", after: Date.now() });

describe("a Docker that takes every connection and answers none", () => {
  test("ends a command with what is wrong, and the next one is done once it answers again", async () => {
    proxy.hangs = true;
    expect(await restart()).toMatchObject({
      state: "failed",
      problem: { code: "docker_unavailable", message: expect.stringContaining("Docker does not answer (ETIMEDOUT)") },
    });
    for (const look of [engine.instances(), engine.runningContainers(), engine.diskUse()]) {
      expect((await problemOf(look)).code).toBe("docker_unavailable");
    }
    proxy.hangs = false;
    expect(await restart()).toMatchObject({ state: "done" });
    expect(await engine.runningContainers()).toHaveLength(1);
  });

  test("in the middle of a command is waited for, and the command done when it comes back in time", async () => {
    const patient = startEngine({ ...config, dockerSocket: proxy.socketPath }, { dockerTimes, patienceMs: 60_000 });
    try {
      const { id } = patient.queue.accept({
        ...{ id: newCommandId(), sequence: null, actor: "test" },
        ...{ name: "module.restart", input: { instance: "ported", after: Date.now() } },
      });
      await until(() => asked("/stop") > 0);
      proxy.hangs = true;
      const pings = asked("/_ping");
      await until(() => asked("/_ping") > pings + 2);
      proxy.hangs = false;
      expect(await ended(patient, id)).toMatchObject({ state: "done" });
    } finally {
      await patient.end();
    }
  });
});

/** A module whose program does not hear that it is to end, with a grace longer than any limit here. */
function addStubborn() {
  const folder = join(config.modulesDirectory, "stubborn");
  mkdirSync(folder);
  writeFileSync(
    join(folder, "compose.yaml"),
    `services:
  web:
    image: registry.invalid/wopr/misbehaving:1
    entrypoint: [node, -e, "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"]
    healthcheck: { disable: true }
    stop_grace_period: 7s
`,
  );
  writeFileSync(
    join(folder, "module.yaml"),
    `id: stubborn
version: 1.0.0
title: Stubborn
category: developer
summary: Does not hear that it is to end.
description: Does not hear that it is to end.
replaces: []
addonCentsPerMonth: 0
resources: { memoryMb: 64, cpus: 0.1, diskMb: 10 }
sources: [https://example.org/stubborn]
`,
  );
}

test("a container that takes its time to stop is waited for beyond every limit, and asked once", async () => {
  addStubborn();
  const other = startEngine({ ...config, dockerSocket: proxy.socketPath }, { dockerTimes });
  try {
    expect(await other.run("module.install", { module: "stubborn" })).toMatchObject({ state: "done" });
    const pings = asked("/_ping");
    const startedAt = performance.now();
    expect(await other.run("module.stop", { instance: "stubborn" })).toMatchObject({ state: "done" });
    expect(performance.now() - startedAt).toBeGreaterThan(2 * dockerTimes.lookMs);
    expect(asked("/stop")).toBe(1);
    expect(asked("/_ping") - pings).toBeGreaterThan(10);
  } finally {
    await other.end();
  }
});
