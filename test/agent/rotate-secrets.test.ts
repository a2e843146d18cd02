// @module-tag docker
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AgentConfig } from "#agent/config.ts";
import type { CommandOrder } from "#agent/journal.ts";
import { ensureStandIns, type StandInMirror } from "#scripts/stand-ins.ts";
import { ended, newCommandId, newConfig, removeBeacon, startEngine, type TestEngine } from "./beacon.ts";
import { docker as cli } from "./docker/engine.ts";
import { inspect } from "./docker/with-docker.ts";

let mirror: StandInMirror;
let config: AgentConfig;
let clock = Date.now();

beforeAll(async () => {
  mirror = await ensureStandIns({ log: () => undefined, only: ["misbehaving", "postgresql", "redis"] });
  config = await newConfig({ registryMirror: mirror.mirror });
  await withEngine(async (engine) => {
    for (const module of ["postgresql", "redis", "records", "queue"]) {
      expect(await engine.run("module.install", { module })).toMatchObject({ state: "done" });
    }
  });
});
afterAll(async () => {
  await removeBeacon(config);
  await mirror.stop();
});

async function withEngine<Result>(work: (engine: TestEngine) => Promise<Result>): Promise<Result> {
  const engine = startEngine(config);
  try {
    return await work(engine);
  } finally {
    await engine.end();
  }
}

const containerOf = (instance: string) => `${config.scope}_${instance}_web`;

async function containerNow(instance: string) {
  const filters = ["--filter", `label=wopr.scope=${config.scope}`, "--filter", `label=wopr.instance=${instance}`];
  const ids = (await cli("ps", "--all", "--quiet", ...filters)).split("\n").filter((id) => id !== "");
  expect(ids, `containers of ${instance}`).toHaveLength(1);
  return await inspect(ids[0] ?? containerOf(instance));
}

/** What the app has in its environment. */
async function settingOf(instance: string, name: string): Promise<string> {
  const environment: string[] = (await containerNow(instance)).Config.Env;
  return environment.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}

/** Whether PostgreSQL lets the app in with what it has; by the address that asks for a password. */
async function signsIn(url: string): Promise<boolean> {
  const { username, password, pathname } = new URL(url);
  const psql = [
    "psql",
    "--host",
    "postgresql",
    "--username",
    username,
    "--dbname",
    pathname.slice(1),
    "-c",
    "select 1",
  ];
  const run = cli("exec", "--env", `PGPASSWORD=${password}`, `${config.scope}_postgresql_postgresql`, ...psql);
  return run.then(
    () => true,
    () => false,
  );
}

async function redisSignsIn(url: string): Promise<boolean> {
  const { username, password } = new URL(url);
  const login = ["--user", username, "--pass", password, "--no-auth-warning", "ping"];
  return (await cli("exec", `${config.scope}_redis_redis`, "redis-cli", ...login)) === "PONG";
}

const order = (instance: string): CommandOrder => {
  clock += 1;
  return {
    id: newCommandId(),
    sequence: clock,
    name: "module.rotate-secrets",
    input: { instance, after: clock },
    actor: "test",
  };
};

/** Those of PostgreSQL, Redis and the container; two secrets come, and two go. */
const STEPS = 12;

/** Gives the command to an engine that dies when so many of its steps are done, while others may be under way. */
async function killAfter(done: number, command: CommandOrder): Promise<NodeJS.Signals | null> {
  const script = join(import.meta.dirname, "engine-process.ts");
  const child = spawn(process.execPath, [script, JSON.stringify(config), JSON.stringify(command), String(done)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await once(child, "exit");
  return child.signalCode;
}

describe("new passwords of an app with a database and a Redis user", () => {
  test("take so many steps", async () => {
    const { input, name } = order("queue");
    const { steps } = await withEngine((engine) => engine.queue.plan(name, input));
    expect(steps).toHaveLength(STEPS);
  });

  test.each(Array.from({ length: STEPS }, (_, done) => done))("killed when %i steps are done", async (done) => {
    const redisBefore = await settingOf("queue", "REDIS_URL");
    const before = await settingOf("queue", "DATABASE_URL");
    const other = await containerNow("records");
    const rotate = order("queue");
    expect(await killAfter(done, rotate)).toBe("SIGKILL");
    await withEngine(async (engine) => {
      engine.queue.resume();
      expect(await ended(engine, rotate.id)).toMatchObject({ state: "done" });
      const after = await settingOf("queue", "DATABASE_URL");
      expect(after).not.toBe(before);
      expect(await signsIn(after)).toBe(true);
      expect(await signsIn(before)).toBe(false);
      // One password everywhere, and nothing left of the other.
      const redisAfter = await settingOf("queue", "REDIS_URL");
      expect([await redisSignsIn(redisAfter), await redisSignsIn(redisBefore)]).toEqual([true, false]);
      // The third is the number of its database in Redis, which stays.
      const names = engine.store.prepare("select name from secret where instance = 'queue'").all();
      expect(names).toHaveLength(3);
      expect((await engine.queue.plan(rotate.name, rotate.input)).steps).toEqual([]);
      expect(engine.logged()).not.toContain(new URL(after).password);
    });
    expect((await containerNow("records")).Id).toBe(other.Id);
  });

  test("that does not start with them are taken back, and the old ones work", async () => {
    const before = await settingOf("queue", "DATABASE_URL");
    await withEngine(async (engine) => {
      const rotate = order("queue");
      engine.queue.onChange(({ id, state, progress }) => {
        if (id === rotate.id && state === "running" && progress?.title.startsWith("Wait"))
          engine.queue.cancel(id, "ada@example.org");
      });
      engine.queue.accept(rotate);
      expect(await ended(engine, rotate.id)).toMatchObject({ state: "cancelled" });
    });
    expect(await settingOf("queue", "DATABASE_URL")).toBe(before);
    expect(await signsIn(before)).toBe(true);
  });
});

test("new passwords of an app in the shared Redis, and of Redis itself", async () => {
  const before = await settingOf("queue", "REDIS_URL");
  await withEngine(async (engine) => {
    expect(await engine.run("module.rotate-secrets", { instance: "queue", after: ++clock })).toMatchObject({
      state: "done",
    });
    const after = await settingOf("queue", "REDIS_URL");
    expect([await redisSignsIn(after), await redisSignsIn(before)]).toEqual([true, false]);
    expect(await engine.run("module.rotate-secrets", { instance: "redis", after: ++clock })).toMatchObject({
      state: "done",
    });
    expect(await redisSignsIn(after)).toBe(true);
    expect((await engine.queue.plan("module.start", { instance: "queue" })).steps).toEqual([]);
    const refused = await engine.run("module.rotate-secrets", { instance: "postgresql", after: ++clock });
    expect(refused.problem?.hint).toMatch(/superuser_password stays/);
  });
});
