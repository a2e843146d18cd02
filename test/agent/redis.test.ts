// @module-tag docker
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AgentConfig } from "#agent/config.ts";
import { createDocker } from "#agent/docker.ts";
import { createRedis, type Redis } from "#agent/redis.ts";
import { ensureStandIns, type StandInMirror } from "#scripts/stand-ins.ts";
import { newConfig, removeBeacon, startEngine, type TestEngine } from "./beacon.ts";
import { docker as cli, until } from "./docker/engine.ts";
import { problemOf } from "./docker/with-docker.ts";

const CONTAINER = { instance: "redis", service: "redis" };
const MAKER = "cmd_00000000-test";

let mirror: StandInMirror;
let config: AgentConfig;
let engine: TestEngine;
let redis: Redis;

beforeAll(async () => {
  mirror = await ensureStandIns({ log: () => undefined, only: ["postgres", "redis", "misbehaving"] });
  config = await newConfig({ registryMirror: mirror.mirror });
  engine = startEngine(config);
  for (const module of ["postgresql", "redis"]) {
    expect(await engine.run("module.install", { module })).toMatchObject({ state: "done" });
  }
  const docker = createDocker({ socketPath: config.dockerSocket, scope: config.scope });
  redis = createRedis({ exec: docker.exec, container: CONTAINER });
});
afterAll(async () => {
  await engine.end();
  await removeBeacon(config);
  await mirror.stop();
});

const container = () => `${config.scope}_redis_redis`;

interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** What Redis answers to an app. */
const ask = ({ user, password, database }: Login, ...command: string[]) =>
  cli(
    ...["exec", "--env", "REDISCLI_AUTH=", container(), "redis-cli", "--no-auth-warning"],
    ...["--user", user, "--pass", password, "-n", database, ...command],
  );

const healthy = async (name = container()) =>
  (await cli("inspect", "--format", "{{.State.Health.Status}}", name)) === "healthy" || undefined;

/** As a container does whose volume was put back. */
async function restart(name: string) {
  await cli("restart", name);
  await until(() => healthy(name));
}

/** The login that an instance of the module `queue` found in its environment. */
async function loginOf(instance: string): Promise<Login> {
  const text = await cli("exec", `${config.scope}_${instance}_web`, "printenv", "REDIS");
  const [user = "", password = "", database = ""] = text.split(" ");
  return { user, password, database };
}

describe("a user", () => {
  const ada = { user: "app_ada", password: "a".repeat(48), database: "401" };
  const create = (password = ada.password) =>
    redis.create({ user: ada.user, password, database: 401, createdBy: MAKER });
  const found = async () => (await redis.list())?.find(({ user }) => user === ada.user);

  test("uses its own database, and no other", async () => {
    await create();
    expect(await ask(ada, "set", "key", "mine")).toBe("OK");
    expect(await ask(ada, "keys", "*")).toBe("key");
    expect(await ask(ada, "info", "server")).toContain("redis_version");
    for (const command of [
      ["select", "402"],
      ["move", "key", "402"],
      ["copy", "key", "key", "db", "402"],
      ["swapdb", "401", "402"],
      ["flushall"],
      ["eval", "return redis.call('select', 402)", "0"],
      ["config", "get", "dir"],
      ["acl", "list"],
      ["function", "flush"],
    ]) {
      expect(await ask(ada, ...command), command.join(" ")).toMatch(/NOPERM|can't run this command/);
    }
  });

  test("is asked for its password, like the default user", async () => {
    expect(await ask({ ...ada, password: "wrong" }, "get", "key")).toContain("NOAUTH");
    const anybody = await cli("exec", "--env", "REDISCLI_AUTH=", container(), "redis-cli", "get", "key");
    expect(anybody).toContain("NOAUTH");
    for (const file of ["/proc/1/cmdline", "/data/users.acl"]) {
      expect(await cli("exec", container(), "cat", file)).not.toContain(ada.password);
    }
  });

  test("takes another password, keeps its data and who made it, and forgets the old one", async () => {
    const password = "b".repeat(48);
    await redis.create({ user: ada.user, password, database: 401, createdBy: "cmd_00000000-other" });
    expect(await ask({ ...ada, password }, "get", "key")).toBe("mine");
    expect(await ask(ada, "get", "key")).toContain("NOAUTH");
    const user = await found();
    expect(user).toMatchObject({ createdBy: MAKER });
    expect([user?.accepts(password), user?.accepts(ada.password)]).toEqual([true, false]);
    await create();
  });

  test("outlives a restart of Redis, and while that is away there is no list", async () => {
    await cli("stop", container());
    try {
      expect(await redis.list()).toBeNull();
      expect(await problemOf(create())).toMatchObject({ code: "unavailable", retryable: true });
    } finally {
      await cli("start", container());
    }
    await until(() => healthy());
    expect(await ask(ada, "get", "key")).toBe("mine");
  });

  test("is removed with what it stored, and may be removed twice", async () => {
    await redis.remove({ user: ada.user, database: 401 });
    expect(await ask(ada, "get", "key")).toContain("NOAUTH");
    expect(await found()).toBeUndefined();
    await create();
    expect(await ask(ada, "dbsize")).toBe("0");
    await redis.remove({ user: ada.user, database: 401 });
    await redis.remove({ user: ada.user, database: undefined });
  });
});

describe("two instances of a module", () => {
  const select = async (instance: string, statement: string) => {
    const url = await cli("exec", `${config.scope}_${instance}_web`, "printenv", "DATABASE_URL");
    const [, user = "", password = ""] = /^postgres:\/\/([^:]+):([^@]+)@/.exec(url) ?? [];
    const postgres = `${config.scope}_postgresql_postgresql`;
    const address = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    // From the loopback interface PostgreSQL lets everybody in.
    const host = await cli("inspect", "--format", address, postgres);
    return await cli(
      ...["exec", "--env", `PGPASSWORD=${password}`, postgres, "psql", "--host", host],
      ...["--username", user, "--dbname", user, "-Atqc", statement],
    );
  };

  test("have their own data in the shared services, and removing one leaves the other", async () => {
    for (const instance of ["queue", "second"]) {
      expect(await engine.run("module.install", { module: "queue", instance })).toMatchObject({ state: "done" });
      expect(await ask(await loginOf(instance), "set", "who", instance)).toBe("OK");
      await select(instance, `create table who as select '${instance}' as name`);
    }
    const [first, second] = await Promise.all([loginOf("queue"), loginOf("second")]);
    expect([first.user, second.user]).toEqual(["app_queue", "app_second"]);
    expect(first.database).not.toBe(second.database);
    expect(await ask(first, "get", "who")).toBe("queue");
    expect(await ask({ ...first, database: second.database }, "get", "who")).not.toBe("second");

    const removal = { instance: "queue", data: "delete", confirm: "queue" };
    expect(await engine.run("module.remove", removal)).toMatchObject({ state: "done" });
    expect(await ask(first, "get", "who")).toContain("NOAUTH");
    expect(await ask(second, "get", "who")).toBe("second");
    expect(await select("second", "select name from who")).toBe("second");
    const admin = await cli("exec", container(), "redis-cli", "-n", first.database, "dbsize");
    expect(admin).toBe("0");
  });

  test("find their users again after an older state of Redis was put back", async () => {
    const second = await loginOf("second");
    await cli("exec", container(), "redis-cli", "acl", "deluser", second.user);
    await cli("exec", container(), "redis-cli", "acl", "save");
    await restart(container());
    expect(await ask(second, "get", "who")).toContain("NOAUTH");
    const { steps } = await engine.queue.plan("module.start", { instance: "second" });
    expect(steps.map(({ kind }) => kind)).toEqual(["redis.user-create"]);
    expect(await engine.run("module.start", { instance: "second" })).toMatchObject({ state: "done" });
    expect(await ask(second, "get", "who")).toBe("second");
  });

  test("find their databases again after an older state of PostgreSQL was put back", async () => {
    const postgres = `${config.scope}_postgresql_postgresql`;
    const change = "alter role app_second password 'older'; comment on role app_second is 'of the older one'";
    await cli("exec", postgres, "psql", "--username", "postgres", "-qc", change);
    await restart(postgres);
    const { steps } = await engine.queue.plan("module.start", { instance: "second" });
    expect(steps.map(({ kind }) => kind)).toEqual(["database.password"]);
    expect(await engine.run("module.start", { instance: "second" })).toMatchObject({ state: "done" });
    expect(await select("second", "select name from who")).toBe("second");
    expect((await engine.queue.plan("module.start", { instance: "second" })).steps).toEqual([]);
  });

  test("are restarted once for a time", async () => {
    const startedAt = () => cli("inspect", "--format", "{{.State.StartedAt}}", `${config.scope}_second_web`);
    const before = await startedAt();
    const restart = { instance: "second", after: Date.now() };
    expect(await engine.run("module.restart", restart)).toMatchObject({ state: "done" });
    const after = await startedAt();
    expect(after).not.toBe(before);
    expect(await engine.run("module.restart", restart)).toMatchObject({ state: "done" });
    expect(await startedAt()).toBe(after);
  });
});
