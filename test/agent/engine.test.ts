// @module-tag docker
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { AgentConfig } from "#agent/config.ts";
import { ensureStandIns, type StandInMirror } from "#scripts/stand-ins.ts";
import { startDockerProxy } from "#test/simulators/docker-proxy.ts";
import { startTestRegistry } from "#test/simulators/registry.ts";
import {
  ended,
  freePort,
  keptLog,
  newCommandId,
  newConfig,
  removeBeacon,
  startEngine,
  type TestEngine,
} from "./beacon.ts";
import { docker as cli, leftIn, until } from "./docker/engine.ts";

let mirror: StandInMirror;
let config: AgentConfig;
let engine: TestEngine;

beforeAll(async () => {
  mirror = await ensureStandIns({ log: () => undefined, only: ["misbehaving", "postgres"] });
});
afterAll(() => mirror.stop());

beforeEach(async () => {
  config = await newConfig({ registryMirror: mirror.mirror });
  engine = startEngine(config);
});
afterEach(async () => {
  await engine.end();
  await removeBeacon(config);
});

describe("without Caddy", () => {
  test("a module without routes works", async () => {
    const port = await freePort();
    const parameters = { port, image: "registry.invalid/wopr/misbehaving:1" };
    expect(await engine.run("module.install", { module: "ported", parameters })).toMatchObject({ state: "done" });
    expect(await fetch(`http://127.0.0.1:${port}/`).then(({ status }) => status)).toBe(200);
    const ids = (await engine.runningContainers()).map(({ instance, service }) => `${instance}/${service}`);
    expect(ids).toEqual(["ported/web"]);
    const lines = await Array.fromAsync(
      engine.logs({ instance: "ported", tail: 10, follow: false }, new AbortController().signal),
    );
    expect(lines.map(({ text }) => text)).toContain("started: well");
  });

  test("one with routes fails for want of it, and leaves nothing behind", async () => {
    const view = await engine.run("module.install", { module: "hello" });
    expect(view).toMatchObject({ state: "failed", problem: { code: "caddy_unavailable" } });
    expect(await leftIn(config.scope)).toMatchObject({ containers: [], volumes: [] });
    expect(await engine.instances()).toEqual([]);
  });
});

describe("PostgreSQL", () => {
  test("an app gets a database and a password of its own, which outlive it until its data is deleted", async () => {
    expect(await engine.run("module.install", { module: "postgresql" })).toMatchObject({ state: "done" });
    expect(await engine.run("module.install", { module: "records" })).toMatchObject({ state: "done" });
    const environment = await cli("exec", `${config.scope}_records_web`, "printenv", "DATABASE_URL");
    const [, password = ""] =
      /^postgres:\/\/app_records:([0-9a-f]{48})@postgresql:5432\/app_records$/.exec(environment) ?? [];
    const address = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    const container = `${config.scope}_postgresql_postgresql`;
    // From the loopback interface PostgreSQL lets everybody in.
    const psql = ["psql", "--host", await cli("inspect", "--format", address, container), "--username", "app_records"];
    const select = (...more: string[]) =>
      cli("exec", ...more, container, ...psql, "--dbname", "app_records", "-Atc", "select current_user");
    expect(await select("--env", `PGPASSWORD=${password}`)).toBe("app_records");

    expect((await engine.run("module.remove", { instance: "postgresql" })).problem?.code).toBe("conflict");
    expect((await engine.run("module.remove", { instance: "records" })).state).toBe("done");
    expect(await select("--env", `PGPASSWORD=${password}`)).toBe("app_records");
    expect((await engine.run("module.install", { module: "records" })).state).toBe("done");
    const removal = { instance: "records", data: "delete", confirm: "records" };
    expect((await engine.run("module.remove", removal)).state).toBe("done");
    await expect(select("--env", `PGPASSWORD=${password}`)).rejects.toThrow();
    expectNowhere(password);
  });

  test("what needs it is refused without it, before anything is touched", async () => {
    const view = await engine.run("module.install", { module: "records" });
    expect(view).toMatchObject({ state: "failed", problem: { code: "dependency_missing" } });
    expect(await leftIn(config.scope)).toEqual({ containers: [], networks: [], volumes: [] });
  });
});

/** Neither in the store's bytes nor in the log. */
function expectNowhere(secret: string) {
  expect(secret).not.toBe("");
  for (const file of ["agent.db", "agent.db-wal"]) {
    expect(readFileSync(join(config.dataDirectory, file)).includes(secret)).toBe(false);
  }
  expect(engine.logged()).not.toContain(secret);
}

describe("cancelled", () => {
  const cancelAt = async (title: string, name: string, input: Record<string, unknown>) => {
    const id = newCommandId();
    engine.queue.onChange((view) => {
      if (view.state === "running" && view.progress?.title.startsWith(title))
        engine.queue.cancel(id, "ada@example.org");
    });
    engine.queue.accept({ id, sequence: 1, name, input, actor: "test" });
    return await ended(engine, id);
  };

  test("during a pull, it ends at once and leaves nothing behind", async () => {
    const registry = await startTestRegistry();
    try {
      registry.add("slow", "1", { delivery: "stall", sizeBytes: 2 ** 22 });
      const parameters = { port: await freePort(), image: `${registry.address}/slow:1` };
      const view = await cancelAt("Pull image", "module.install", { module: "ported", parameters });
      expect(view).toMatchObject({ state: "cancelled", problem: { code: "cancelled" } });
      expect(await leftIn(config.scope)).toMatchObject({ containers: [], volumes: [] });
      expect(engine.queue.unacknowledged()).toMatchObject([{ command: view.id, outcome: "cancelled" }]);
    } finally {
      await registry.stop();
    }
  });

  test("during several pulls, of which no more than three are under way at once", async () => {
    const registry = await startTestRegistry();
    const proxy = await startDockerProxy(join(config.dataDirectory, "docker.sock"));
    const watched = startEngine({ ...config, dockerSocket: proxy.socketPath });
    const pulls = () => proxy.requests.filter((line) => line.startsWith("POST /images/create"));
    try {
      const numbers = [1, 2, 3, 4, 5];
      for (const n of numbers) registry.add(`slow-${n}`, "1", { delivery: "stall", sizeBytes: 2 ** 20 });
      const images = Object.fromEntries(numbers.map((n) => [`image_${n}`, `${registry.address}/slow-${n}:1`]));
      const id = newCommandId();
      const input = { module: "pulls", parameters: images };
      watched.queue.accept({ id, sequence: null, name: "module.install", input, actor: "test" });
      await until(() => registry.asked.length === 3 || undefined);
      // A look at the beacon goes the same way as the pulls, after them.
      await watched.instances();
      expect(pulls()).toHaveLength(3);
      watched.queue.cancel(id, "ada@example.org");
      expect(await ended(watched, id)).toMatchObject({ state: "cancelled" });
      expect(pulls()).toHaveLength(3);
    } finally {
      await watched.end();
      await proxy.stop();
      await registry.stop();
    }
  });

  test("while it waits for health, what was made is taken back", async () => {
    const parameters = { how: "slow-start", argument: "1000" };
    const view = await cancelAt("Wait until", "module.install", { module: "hello", parameters });
    expect(view).toMatchObject({ state: "cancelled", problem: { code: "cancelled" } });
    expect(await leftIn(config.scope)).toMatchObject({ containers: [], volumes: [] });
  });
});

describe("a plan with nothing to do", () => {
  test("looks with five calls, and writes nothing", async () => {
    const proxy = await startDockerProxy(join(config.dataDirectory, "docker.sock"));
    const watched = startEngine({ ...config, dockerSocket: proxy.socketPath });
    try {
      const parameters = { port: await freePort(), image: "registry.invalid/wopr/misbehaving:1" };
      expect((await watched.run("module.install", { module: "ported", parameters })).state).toBe("done");
      proxy.requests.length = 0;
      const again = await watched.run("module.install", { module: "ported", parameters });
      expect(again.state).toBe("done");
      expect(proxy.requests.map((line) => line.split("?")[0]).toSorted()).toEqual([
        "GET /containers/json",
        "GET /images/json",
        "GET /info",
        "GET /networks",
        "GET /volumes",
      ]);
    } finally {
      await watched.end();
      await proxy.stop();
    }
  });

  test("Docker may be away for a moment in the middle of a command", async () => {
    const proxy = await startDockerProxy(join(config.dataDirectory, "docker.sock"));
    const watched = startEngine({ ...config, dockerSocket: proxy.socketPath }, { patienceMs: 20_000, progressMs: 0 });
    const details: string[] = [];
    watched.queue.onChange(({ progress }) => {
      if (progress?.title.startsWith("Create container") && progress.detail === undefined) proxy.away = true;
      if (progress?.detail?.includes("trying again")) {
        details.push(progress.detail);
        proxy.away = false;
      }
    });
    try {
      const parameters = { port: await freePort(), image: "registry.invalid/wopr/misbehaving:1" };
      expect(await watched.run("module.install", { module: "ported", parameters })).toMatchObject({ state: "done" });
      expect(details.join()).toContain("Docker does not answer");
    } finally {
      await watched.end();
      await proxy.stop();
    }
  });
});

describe("what goes wrong", () => {
  const install = (how: string, argument = "0") =>
    engine.run("module.install", { module: "hello", parameters: { how, argument } });

  test("a container that never gets healthy is rolled back, with its last words in the Problem", async () => {
    const seen: (string | undefined)[] = [];
    engine.queue.onChange(({ progress }) => seen.push(progress?.title));
    const view = await install("never-healthy");
    expect(view).toMatchObject({ state: "failed", problem: { code: "container_unhealthy" } });
    expect(view.problem?.details?.log).toContain("not healthy: the index is broken");
    expect(await leftIn(config.scope)).toMatchObject({ containers: [], volumes: [] });
    expect(seen).toContain("Wait until hello/web is healthy");
    expect(seen.some((title) => title?.startsWith("Take back: "))).toBe(true);
    expect(engine.store.prepare("select count(*) as n from secret").get()).toEqual({ n: 0 });
  });

  test("the log of what failed is there to read after it was taken back, and after the agent started again", async () => {
    const { id } = await install("exit", "3");
    expect((await leftIn(config.scope)).containers).toEqual([]);
    await engine.end();
    engine = startEngine(config);
    const kept = engine.queue.get(id)?.problem?.details;
    expect(kept).toMatchObject({ container: "hello/web", exitCode: 3 });
    // Each stream is in its own order.
    expect(z.array(z.string()).parse(kept?.log).toSorted()).toEqual([
      "giving up with code 3",
      "reading the configuration",
      "the configuration names a database that does not exist",
    ]);
  });

  test("with onFailure keep, what failed stays as it is, and the next attempt takes it up", async () => {
    const parameters = { how: "exit", argument: "3" };
    const view = await engine.run("module.install", { module: "hello", parameters, onFailure: "keep" });
    expect(view).toMatchObject({ state: "failed", problem: { code: "container_exited" } });
    expect((await leftIn(config.scope)).containers).toEqual([`${config.scope}_hello_web`]);
    expect(await cli("logs", `${config.scope}_hello_web`)).toContain("reading the configuration");
    const { changes } = await engine.queue.plan("module.install", { module: "hello" });
    expect(changes).toMatchObject([{ container: "hello/web", verdict: "recreate" }]);
  });

  test("a container that ends says how", async () => {
    expect(await install("exit", "3")).toMatchObject({
      state: "failed",
      problem: { code: "container_exited", details: { exitCode: 3 } },
    });
    expect(await leftIn(config.scope)).toMatchObject({ containers: [], volumes: [] });
  });

  test("a change that fails goes back to how the instance was", async () => {
    const image = "registry.invalid/wopr/misbehaving:1";
    const ported = async (parameters: Record<string, unknown>) =>
      await engine.run("module.install", { module: "ported", parameters });
    const first = { port: await freePort(), image };
    await ported(first);
    const second = { port: await freePort(), image: `${mirror.mirror}/nobody/has-this:1` };
    expect(await ported(second)).toMatchObject({ state: "failed", problem: { code: "image_missing" } });
    expect((await engine.queue.plan("module.install", { module: "ported", parameters: first })).steps).toEqual([]);
    expect((await engine.instances()).map(({ state }) => state)).toEqual(["running"]);
    expect((await fetch(`http://127.0.0.1:${first.port}/`)).status).toBe(200);
  });

  test("data that was there before a failed install stays", async () => {
    const labels = [
      ["wopr.scope", config.scope],
      ["wopr.volume", "hello/data"],
      ["wopr.created-by", "cmd_long-ago-1"],
    ];
    await cli(
      "volume",
      "create",
      ...labels.flatMap(([key, value]) => ["--label", `${key}=${value}`]),
      `${config.scope}_hello_data`,
    );
    expect((await install("never-healthy")).state).toBe("failed");
    expect(await leftIn(config.scope)).toMatchObject({ containers: [], volumes: [`${config.scope}_hello_data`] });
  });

  test("a port that is taken is refused before anything is touched", async () => {
    const parameters = { port: await freePort(), image: "registry.invalid/wopr/misbehaving:1" };
    const installPorted = (instance: string) =>
      engine.run("module.install", { module: "ported", instance, parameters });
    const other = createServer().listen(parameters.port, "127.0.0.1");
    await once(other, "listening");
    const byOther = await installPorted("first");
    await new Promise((resolve) => other.close(resolve));
    expect(byOther).toMatchObject({ state: "failed", problem: { code: "port_taken" } });
    expect(byOther.problem?.message).toContain("another program");
    expect(await leftIn(config.scope)).toEqual({ containers: [], networks: [], volumes: [] });
    expect((await installPorted("first")).state).toBe("done");
    const byFirst = await installPorted("second");
    expect(byFirst).toMatchObject({ state: "failed", problem: { code: "port_taken" } });
    expect(byFirst.problem?.message).toContain("instance first");
    expect((await leftIn(config.scope)).containers).toEqual([`${config.scope}_first_web`]);
  });

  test("an image that nobody has, and a registry that is away", async () => {
    const parameters = { port: await freePort(), image: `${mirror.mirror}/nobody/has-this:1` };
    const missing = await engine.run("module.install", { module: "ported", parameters });
    expect(missing).toMatchObject({ state: "failed", problem: { code: "image_missing" } });
    parameters.image = "registry.invalid/wopr/not-in-the-mirror:1";
    const away = await engine.run("module.install", { module: "ported", parameters });
    expect(away).toMatchObject({ state: "failed", problem: { code: "registry_unreachable" } });
    expect(await leftIn(config.scope)).toMatchObject({ containers: [], volumes: [] });
  });

  test("a broken module is left out and named in the log; the others work", async () => {
    expect(engine.modules().map(({ id }) => id)).toEqual([
      "caddy",
      "demanding",
      "everything",
      "hello",
      "ported",
      "postgresql",
      "pulls",
      "queue",
      "records",
      "redis",
      "steady",
    ]);
    expect(engine.logged()).toContain("broken/module.yaml:2");
    await expect(engine.queue.plan("module.install", { module: "broken" })).rejects.toThrow("does not know a module");
  });

  test("foreign containers and volumes of the same names are not touched", async () => {
    const volume = `${config.scope}_hello_data`;
    await cli("volume", "create", volume);
    try {
      const view = await install("well");
      expect(view).toMatchObject({ state: "failed", problem: { code: "conflict" } });
      expect(await cli("volume", "ls", "--quiet", "--filter", `name=${volume}`)).toBe(volume);
    } finally {
      await cli("volume", "rm", volume);
    }
  });

  test("a Docker that is away fails the command in time, with a hint", async () => {
    const elsewhere = await newConfig({ dockerSocket: "/nonexistent/docker.sock" });
    const lonely = startEngine(elsewhere, { patienceMs: 300 });
    try {
      const view = await lonely.run("module.install", { module: "hello" });
      expect(view).toMatchObject({ state: "failed", problem: { code: "docker_unavailable" } });
      expect(view.problem?.hint).toContain("Docker");
      await expect(lonely.instances()).rejects.toMatchObject({ code: "docker_unavailable" });
      expect(await lonely.dockerVersion()).toBeUndefined();
    } finally {
      await lonely.end();
      await removeBeacon(elsewhere);
    }
  });
});

test("keptLog writes errors with their messages", () => {
  const { log, text } = keptLog();
  log.error({ err: new Error("told") }, "said");
  expect(text()).toContain("told");
});
