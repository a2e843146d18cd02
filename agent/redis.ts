import { createHash } from "node:crypto";
import { Id } from "#shared/names.ts";
import { Problem, type ProblemCode } from "#shared/problem.ts";
import type { Exec } from "./docker/exec.ts";
import { rememberPerRun } from "./remember-per-run.ts";

/** A user of the beacon's shared Redis that a command made. */
export interface RedisUser {
  readonly user: string;
  readonly createdBy: string;
  /** Whether this is the user's password. */
  readonly accepts: (password: string) => boolean;
}

/**
 * Users of the beacon's shared Redis, each with a logical database of its own: the one rule of Redis 7 that keeps apps
 * apart which cannot put a prefix before their keys. It lets a user select that number and no other. What is left to all
 * is database 0, where a connection begins, and the channels of publish and subscribe, which belong to no database.
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 */
export interface Redis {
  /**
   * `null` while Redis does not answer.
   * @param run Names the present run of its container: what was seen in the same run is not looked for again.
   */
  list(run?: string): Promise<RedisUser[] | null>;
  /** Makes the user, or gives it this password and these rights. They outlive a restart of Redis. */
  create(user: { user: string; password: string; database: number; createdBy: string }): Promise<void>;
  /** Removes the user, and what is in its database. */
  remove(user: { user: string; database: number | undefined }): Promise<void>;
}

export interface RedisOptions {
  readonly exec: Exec;
  /** The container that runs Redis; its environment has the default user's password in `REDISCLI_AUTH`. */
  readonly container: { readonly instance: string; readonly service: string };
}

/**
 * Everything but what reaches into other databases or rules the server. The last rule grants nothing: it is where a user
 * says which command made it. Categories: https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 */
const rules = (passwordHash: string, database: number, createdBy: string) =>
  [
    `reset on #${passwordHash} ~* &* +@all -@admin -@dangerous`,
    "+info +keys +sort +sort_ro +flushdb -copy -move -function -script|flush -script|kill",
    `-select +select|${database} (~made-by:${createdBy} -@all)`,
  ].join(" ");

/** An administrator of Redis may change users behind our back. */
const REMEMBERED_MS = 300_000;

const listedUser = /^user (\S+) .*#([0-9a-f]{64}) .*\(~made-by:(\S+) /;

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

export function createRedis({ exec, container }: RedisOptions): Redis {
  /** Commands go in over standard input: an argument list can be read by everybody on the machine. */
  async function run(commands: readonly string[], database = 0): Promise<string[]> {
    const argv = ["redis-cli", "-n", String(database)];
    const stdin = commands.map((command) => `${command}\n`).join("");
    const { exitCode, stdout } = await exec({ ...container, argv, stdin, timeoutMs: 60_000 }).catch((error) => {
      throw error instanceof Problem && notRunning.has(error.code) ? away(error) : error;
    });
    if (exitCode !== 0 || /^(NOAUTH|LOADING) /m.test(stdout)) throw away();
    return stdout.split("\n").filter((line) => line !== "");
  }

  async function runOrThrow(what: string, commands: readonly string[], database?: number): Promise<void> {
    const said = await run(commands, database);
    const refusal = said.find((line) => !/^(OK|\d+)$/.test(line));
    if (refusal === undefined) return;
    throw new Problem("conflict", `could not ${what}: Redis refused`, { details: { said: refusal } });
  }

  async function list(): Promise<RedisUser[]> {
    return (await run(["ACL LIST"])).flatMap((line) => {
      const [, user = "", hash = "", createdBy = ""] = listedUser.exec(line) ?? [];
      if (!Id.safeParse(createdBy).success) return [];
      return [{ user, createdBy, accepts: (password: string) => sha256(password) === hash }];
    });
  }

  const look = () =>
    list().catch((error) => {
      if (error instanceof Problem && (error.code === "unavailable" || error.code === "timed_out")) return null;
      throw error;
    });
  const seen = rememberPerRun({ look, forMs: REMEMBERED_MS, monotonic: () => performance.now() });

  return {
    list: (run) => seen.get(run),

    create: async ({ user, password, database, createdBy }) => {
      const maker = (await list()).find((known) => known.user === user)?.createdBy ?? createdBy;
      const setUser = `ACL SETUSER ${user} ${rules(sha256(password), database, maker)}`;
      await runOrThrow(`make Redis user ${user}`, [setUser, "ACL SAVE"]).finally(seen.forget);
    },

    remove: async ({ user, database }) => {
      await runOrThrow(`remove Redis user ${user}`, [`ACL DELUSER ${user}`, "ACL SAVE"]).finally(seen.forget);
      if (database !== undefined) await runOrThrow(`empty the database of ${user}`, ["FLUSHDB"], database);
    },
  };
}

const away = (cause?: Problem) =>
  new Problem("unavailable", "Redis does not answer", { hint: "Start the core module redis.", cause });

/** How the engine says that it cannot run a program in a container: it is stopped, or gone. */
const notRunning: ReadonlySet<ProblemCode> = new Set(["conflict", "not_found"]);
