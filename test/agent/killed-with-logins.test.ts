// @module-tag docker
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AgentConfig } from "#agent/config.ts";
import type { CommandOrder } from "#agent/journal.ts";
import { ensureStandIns, type StandInMirror } from "#scripts/stand-ins.ts";
import {
  DOMAIN,
  ended,
  getPage,
  newCommandId,
  newConfig,
  removeBeacon,
  startEngine,
  type TestEngine,
} from "./beacon.ts";
import { docker as cli, leftIn } from "./docker/engine.ts";

/** A module that has one of each kind of thing: logins of the shared services, a secret, a volume, a route. */
const module = "everything";
const removal = { instance: module, data: "delete", confirm: module };

let mirror: StandInMirror;

beforeAll(async () => {
  mirror = await ensureStandIns({ log: () => undefined, only: ["misbehaving", "caddy", "postgresql", "redis"] });
});
afterAll(() => mirror.stop());

async function withBeacon(work: (config: AgentConfig) => Promise<void>): Promise<void> {
  const config = await newConfig({ registryMirror: mirror.mirror });
  try {
    await withEngine(config, async (engine) => {
      for (const core of ["caddy", "postgresql", "redis"]) await engine.run("module.install", { module: core });
    });
    await work(config);
  } finally {
    await removeBeacon(config);
  }
}

async function withEngine<Result>(config: AgentConfig, work: (engine: TestEngine) => Promise<Result>): Promise<Result> {
  const engine = startEngine(config);
  try {
    return await work(engine);
  } finally {
    await engine.end();
  }
}

const countSteps = (config: AgentConfig, name: string, input: Record<string, unknown>) =>
  withEngine(config, async ({ queue }) => (await queue.plan(name, input)).steps.length);

/** Gives the command to an engine that dies when so many of its steps are done, while the next ones are under way. */
async function killAfter(config: AgentConfig, steps: number, command: CommandOrder): Promise<void> {
  const script = join(import.meta.dirname, "engine-process.ts");
  const child = spawn(process.execPath, [script, JSON.stringify(config), JSON.stringify(command), String(steps)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await once(child, "exit");
  expect(child.signalCode, `after ${steps} steps`).toBe("SIGKILL");
}

/** Has the engine that comes after it finish the command. */
const finish = (config: AgentConfig, { id }: CommandOrder) =>
  withEngine(config, async (engine) => {
    engine.queue.resume();
    expect(await ended(engine, id)).toMatchObject({ state: "done" });
  });

const order = (sequence: number, name: string, input: Record<string, unknown>): CommandOrder => ({
  id: newCommandId(),
  sequence,
  name,
  input,
  actor: "test",
});

const query = (config: AgentConfig, sql: string) =>
  cli("exec", `${config.scope}_postgresql_postgresql`, "psql", "-U", "postgres", "-XAtc", sql);

/** What of the module is outside its containers. */
async function traces(config: AgentConfig) {
  const { containers, networks, volumes } = await leftIn(config.scope);
  const ours = (names: string[]) => names.filter((name) => name.includes(module));
  const users = await cli("exec", `${config.scope}_redis_redis`, "sh", "-c", "redis-cli acl users || true");
  return {
    containers: ours(containers),
    networks: ours(networks),
    volumes: ours(volumes),
    databases: await query(config, `select datname from pg_database where datname like '%${module}%'`),
    roles: await query(config, `select rolname from pg_roles where rolname like '%${module}%'`),
    redisUsers: users.split("\n").filter((name) => name.includes(module)),
  };
}

/** It answers under its name, and its own password opens its database. */
async function expectItServes(config: AgentConfig): Promise<void> {
  await withEngine(config, async (engine) => {
    expect((await getPage(engine, `${module}.${DOMAIN}`)).status).toBe(200);
    expect((await engine.queue.plan("module.install", { module })).steps).toEqual([]);
  });
  const { containers } = await traces(config);
  expect(containers).toHaveLength(1);
  const url = await cli("exec", containers[0] ?? "", "printenv", "DATABASE_URL");
  const local = url.replace(/@[^/]+/, "@127.0.0.1");
  expect(await cli("exec", `${config.scope}_postgresql_postgresql`, "psql", local, "-XAtc", "select 1")).toBe("1");
}

describe.concurrent("killed after every single step, with all that a module may have", () => {
  test("of its install", { timeout: 600_000 }, () =>
    withBeacon(async (config) => {
      const steps = await countSteps(config, "module.install", { module });
      expect(steps).toBeGreaterThan(8);
      for (let done = 0; done < steps; done++) {
        const install = order(2 * done + 1, "module.install", { module });
        await killAfter(config, done, install);
        await finish(config, install);
        await expectItServes(config);
        await finishRemoval(config, 2 * done + 2);
      }
    }),
  );

  test("of its removal with all data", { timeout: 600_000 }, () =>
    withBeacon(async (config) => {
      const nothing = await traces(config);
      await withEngine(config, (engine) => engine.run("module.install", { module }));
      const steps = await countSteps(config, "module.remove", removal);
      expect(steps).toBeGreaterThan(6);
      for (let done = 0; done < steps; done++) {
        await withEngine(config, (engine) => engine.run("module.install", { module }));
        const remove = order(done + 1, "module.remove", removal);
        await killAfter(config, done, remove);
        await finish(config, remove);
        expect(await traces(config), `after ${done} steps`).toEqual(nothing);
      }
    }),
  );
});

const finishRemoval = (config: AgentConfig, sequence: number) =>
  withEngine(config, async (engine) => {
    const remove = order(sequence, "module.remove", removal);
    engine.queue.accept(remove);
    expect(await ended(engine, remove.id)).toMatchObject({ state: "done" });
  });
