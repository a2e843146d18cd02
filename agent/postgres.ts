import { createHash } from "node:crypto";
import { Id } from "#shared/names.ts";
import { Problem, type ProblemCode } from "#shared/problem.ts";
import type { Exec, ExecResult } from "./docker/exec.ts";
import { rememberPerRun } from "./remember-per-run.ts";

/** A database of the beacon's shared PostgreSQL that a command made. */
export interface PostgresDatabase {
  readonly database: string;
  readonly createdBy: string;
  /** Whether this is the password that its owner was given last. */
  readonly accepts: (password: string) => boolean;
}

/** Databases on the beacon's shared PostgreSQL, each with an owner of the same name. */
export interface Postgres {
  /**
   * Databases that a command made; `null` while PostgreSQL does not answer.
   * @param run Names the present run of its container: what was seen in the same run is not looked for again.
   */
  list(run?: string): Promise<PostgresDatabase[] | null>;
  /** Makes database and owner, and sets the owner's password. */
  create(database: { database: string; password: string; createdBy: string }): Promise<void>;
  drop(database: string): Promise<void>;
}

export interface PostgresOptions {
  readonly exec: Exec;
  /** The container that runs PostgreSQL. */
  readonly container: { readonly instance: string; readonly service: string };
}

/** Source: https://www.postgresql.org/docs/16/app-psql.html */
const psql = [
  ["psql", "--username", "postgres", "--dbname", "postgres", "--no-psqlrc", "--quiet"],
  ["--no-align", "--tuples-only", "--field-separator", "\t", "--set", "ON_ERROR_STOP=1", "--no-password"],
].flat();

/** Exit status of psql when the server could not be reached or the connection was lost. */
const NO_CONNECTION = 2;

/** A database gets its own name as the last thing, so that one half made never counts. */
const unfinished = (database: string) => `${database}.unfinished`;

/** A superuser may change databases behind our back. */
const REMEMBERED_MS = 300_000;

const reserved = /^(postgres|template[01]|pg_.*)$/;

export function createPostgres({ exec, container }: PostgresOptions): Postgres {
  /** SQL goes in over standard input: what stands in an argument list can be read by everybody on the machine. */
  async function run(sql: string): Promise<ExecResult> {
    try {
      return await exec({ ...container, argv: psql, stdin: sql, timeoutMs: 60_000 });
    } catch (error) {
      if (!(error instanceof Problem) || !notRunning.has(error.code)) throw error;
      throw new Problem("unavailable", "PostgreSQL does not run", {
        hint: "Start the core module postgresql.",
        cause: error,
      });
    }
  }

  async function runOrThrow(what: string, sql: string, secret = ""): Promise<string> {
    const result = await run(sql);
    if (result.exitCode === 0) return result.stdout;
    const said = result.stderr.trim();
    const safe = secret === "" ? said : said.replaceAll(secret, "[secret]");
    if (result.exitCode === NO_CONNECTION) {
      throw new Problem("unavailable", `could not ${what}: PostgreSQL does not answer`, { details: { said: safe } });
    }
    throw new Problem("conflict", `could not ${what}: PostgreSQL refused`, { details: { said: safe } });
  }

  async function ownOrAbsent(database: string): Promise<"own" | "absent"> {
    const comment = await runOrThrow(
      `look for database ${database}`,
      `select coalesce(shobj_description(oid, 'pg_database'), '-') from pg_database where datname = ${literal(database)};`,
    );
    if (comment.trim() === "") return "absent";
    if (Id.safeParse(comment.trim()).success) return "own";
    throw new Problem("conflict", `database ${database} exists already and was not made by WOPR`, {
      hint: "Choose another name for the instance, or rename the database.",
    });
  }

  function refuseReserved(database: string): void {
    if (!reserved.test(database)) return;
    throw new Problem("conflict", `${database} is a name that PostgreSQL keeps for itself`, {
      hint: "Choose another name for the instance.",
    });
  }

  async function look(): Promise<PostgresDatabase[] | null> {
    const sql = `select datname, shobj_description(pg_database.oid, 'pg_database'), shobj_description(datdba, 'pg_authid')
        from pg_database order by datname;`;
    const result = await run(sql).catch(unlessAway);
    if (result === undefined || result.exitCode !== 0) return null;
    return result.stdout.split("\n").flatMap((line) => {
      const [database = "", createdBy = "", hash = ""] = line.split("\t");
      const counts = Id.safeParse(createdBy).success && !database.endsWith(unfinished(""));
      return counts ? [{ database, createdBy, accepts: (password) => sha256(password) === hash }] : [];
    });
  }

  const seen = rememberPerRun({ look, forMs: REMEMBERED_MS, monotonic: () => performance.now() });

  return {
    list: (run) => seen.get(run),

    create: async ({ database, password, createdBy }) => {
      refuseReserved(database);
      const isNew = (await ownOrAbsent(database)) === "absent";
      await runOrThrow(
        `create database ${database}`,
        [roleSql(database, password), ...(isNew ? [databaseSql(database, createdBy)] : [])].join("\n"),
        password,
      ).finally(seen.forget);
    },

    drop: async (database) => {
      refuseReserved(database);
      if ((await ownOrAbsent(database)) === "absent") return;
      await runOrThrow(
        `delete database ${database}`,
        `drop database ${identifier(database)} with (force);\ndrop role if exists ${identifier(database)};`,
      ).finally(seen.forget);
    },
  };
}

/** Source: https://www.postgresql.org/docs/16/sql-syntax-lexical.html */
const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Everybody may read a comment: the hash of a long random password gives nothing away. */
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const roleSql = (role: string, password: string) =>
  `select 'create role ' || quote_ident(${literal(role)})
     where not exists (select from pg_roles where rolname = ${literal(role)}) \\gexec
   begin;
   alter role ${identifier(role)} with login password ${literal(password)};
   comment on role ${identifier(role)} is ${literal(sha256(password))};
   commit;`;

const databaseSql = (database: string, createdBy: string) =>
  `drop database if exists ${identifier(unfinished(database))} with (force);
   create database ${identifier(unfinished(database))} owner ${identifier(database)};
   comment on database ${identifier(unfinished(database))} is ${literal(createdBy)};
   alter database ${identifier(unfinished(database))} rename to ${identifier(database)};`;

/** How the engine says that it cannot run a program in a container: it is stopped, or gone. */
const notRunning: ReadonlySet<ProblemCode> = new Set(["conflict", "not_found"]);

function unlessAway(error: unknown): undefined {
  if (error instanceof Problem && (error.code === "unavailable" || error.code === "timed_out")) return undefined;
  throw error;
}
