// @module-tag docker
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AgentConfig } from "#agent/config.ts";
import { createDocker } from "#agent/docker.ts";
import { createPostgres, type Postgres } from "#agent/postgres.ts";
import { ensureStandIns, type StandInMirror } from "#scripts/stand-ins.ts";
import { newConfig, removeBeacon, startEngine } from "./beacon.ts";
import { docker as cli, until } from "./docker/engine.ts";
import { problemOf } from "./docker/with-docker.ts";

const CONTAINER = { instance: "postgresql", service: "postgresql" };
const CREATED_BY = "cmd_00000000-test";

let mirror: StandInMirror;
let config: AgentConfig;
let postgres: Postgres;
let database: string;

beforeAll(async () => {
  mirror = await ensureStandIns({ log: () => undefined, only: ["postgres"] });
  config = await newConfig({ registryMirror: mirror.mirror });
  const engine = startEngine(config);
  expect(await engine.run("module.install", { module: "postgresql" })).toMatchObject({ state: "done" });
  await engine.end();
  const docker = createDocker({ socketPath: config.dockerSocket, scope: config.scope });
  postgres = createPostgres({ exec: docker.exec, container: CONTAINER });
});
afterAll(async () => {
  await removeBeacon(config);
  await mirror.stop();
});
beforeEach(() => {
  database = `app_${randomBytes(4).toString("hex")}`;
});

const container = () => `${config.scope}_postgresql_postgresql`;

/** Answers of the superuser's own psql. */
const sql = (text: string) => cli("exec", container(), "psql", "--username", "postgres", "-Atc", text);

/** By its address on the network: from the loopback interface PostgreSQL lets everybody in. */
async function signIn(password: string, statement = "select current_user") {
  const host = await cli(
    "inspect",
    "--format",
    "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
    container(),
  );
  return await cli(
    ...["exec", "--env", `PGPASSWORD=${password}`, container(), "psql", "--host", host],
    ...["--username", database, "--dbname", database, "-Atc", statement],
  );
}

const create = (password: string, name = database) =>
  postgres.create({ database: name, password, createdBy: CREATED_BY });

describe("create", () => {
  test("makes a database whose owner can sign in; again, it changes the password alone", async () => {
    await create("first");
    expect(await signIn("first")).toBe(database);
    await sql(`comment on database ${database} is 'cmd_00000000-kept'`);
    await create('it\'s "quoted"; drop table x; \\ --');
    expect(await signIn('it\'s "quoted"; drop table x; \\ --')).toBe(database);
    await expect(signIn("first")).rejects.toThrow("password authentication failed");
    expect(await postgres.list()).toContainEqual(expect.objectContaining({ database, createdBy: "cmd_00000000-kept" }));
  });

  test("goes on where it was broken off, and what was half made does not count", async () => {
    await sql(`create database "${database}.unfinished"`);
    await sql(`comment on database "${database}.unfinished" is '${CREATED_BY}'`);
    expect(JSON.stringify(await postgres.list())).not.toContain(database);
    await create("secret");
    expect(await signIn("secret")).toBe(database);
    expect(await sql("select datname from pg_database")).not.toContain("unfinished");
    expect(await postgres.list()).toContainEqual(expect.objectContaining({ database, createdBy: CREATED_BY }));
  });

  test("leaves alone what WOPR did not make", async () => {
    await sql(`create database ${database}`);
    await expect(create("secret")).rejects.toMatchObject({ code: "conflict" });
    await expect(postgres.drop(database)).rejects.toMatchObject({ code: "conflict" });
    for (const name of ["postgres", "template1", "pg_thing"]) {
      await expect(create("secret", name)).rejects.toMatchObject({ code: "conflict" });
      await expect(postgres.drop(name)).rejects.toMatchObject({ code: "conflict" });
    }
    expect(JSON.stringify(await postgres.list())).not.toContain(database);
    expect(await sql(`select count(*) from pg_database where datname = '${database}'`)).toBe("1");
  });

  test("a refusal says why, and not the password", async () => {
    const refusal = await problemOf(create("s3cret", "n".repeat(80)));
    expect(refusal.code).toBe("conflict");
    expect(String(refusal.details?.said)).toContain("already exists");
    expect(JSON.stringify(refusal)).not.toContain("s3cret");
  });
});

describe("list", () => {
  test("tells the password that the owner was given last, and of one that was never told, none", async () => {
    const found = async () => (await postgres.list())?.find((known) => known.database === database);
    await create("first");
    await create("second");
    const before = await found();
    expect([before?.accepts("second"), before?.accepts("first")]).toEqual([true, false]);
    await sql(`comment on role ${database} is null`);
    const after = await found();
    expect([after?.accepts("second"), after?.accepts("")]).toEqual([false, false]);
  });
});

describe("drop", () => {
  test("takes database and owner away, also while somebody is connected, and may come twice", async () => {
    await create("secret");
    const connected = signIn("secret", "select pg_sleep(60)").catch((error: Error) => error.message);
    await until(
      async () =>
        (await sql("select count(*) from pg_stat_activity where query ~ 'pg_sleep' and usename like 'app%'")) !== "0" ||
        undefined,
    );
    await postgres.drop(database);
    expect(await connected).toContain("terminating connection");
    await postgres.drop(database);
    expect(await sql(`select count(*) from pg_roles where rolname = '${database}'`)).toBe("0");
  });
});

describe("a PostgreSQL that does not answer", () => {
  test("has no list, and what is asked of it may be asked again", async () => {
    await cli("stop", container());
    try {
      expect(await postgres.list()).toBeNull();
      expect(await problemOf(create("secret"))).toMatchObject({ code: "unavailable", retryable: true });
    } finally {
      await cli("start", container());
    }
  });
});
