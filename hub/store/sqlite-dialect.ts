import { type FileHandle, open } from "node:fs/promises";
import type SqliteDatabase from "better-sqlite3";
import {
  type DatabaseConnection,
  type Dialect,
  SqliteAdapter,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { createJointCommit, type JointCommit } from "./joint-commit.ts";

/** Statements that are kept ready: compiling one costs more than most of them take. */
const MOST_STATEMENTS = 300;

/**
 * SQLite as the hub uses it: whoever wrote something goes on when it is on the disk, and nobody else waits for that.
 *
 * In WAL mode with `synchronous = NORMAL` a commit is in the log, past the death of this process, and not flushed
 * (https://www.sqlite.org/pragma.html#pragma_synchronous). With `FULL` it would be flushed while everything in this process stands
 * still, for some milliseconds each. Here the log is flushed on another thread before the connection's user is answered, once for all
 * that committed until then: the same promise for a thousand small writes a second. A checkpoint flushes the log first by itself. What is
 * written at the same time is committed together, see `createJointCommit`.
 */
export function sqliteDialect(sqlite: SqliteDatabase.Database): Dialect {
  const flush = createFlush(sqlite);
  const joint = createJointCommit(sqlite, flush.written);
  return {
    createDriver: () => new TurnDriver({ sqlite, joint, flush }),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new TurnAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

/** Its driver itself sees to it that one uses the connection at a time. */
class TurnAdapter extends SqliteAdapter {
  override get supportsMultipleConnections() {
    return true;
  }
}

interface TurnParts {
  readonly sqlite: SqliteDatabase.Database;
  readonly joint: JointCommit;
  readonly flush: Flush;
}

class TurnDriver extends SqliteDriver {
  readonly #joint: JointCommit;
  readonly #flush: Flush;
  readonly #statementOf: ReturnType<typeof createStatements>;
  readonly #waiting: (() => void)[] = [];
  #connection: DatabaseConnection | undefined;
  #isTaken = false;

  constructor({ sqlite, joint, flush }: TurnParts) {
    const statementOf = createStatements(sqlite);
    super({ database: { close: () => sqlite.close(), prepare: statementOf } });
    this.#joint = joint;
    this.#flush = flush;
    this.#statementOf = statementOf;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
    this.#joint.take();
    this.#connection ??= this.#writing(await super.acquireConnection());
    return this.#connection;
  }

  #writing(connection: DatabaseConnection): DatabaseConnection {
    return {
      executeQuery: async (query) => {
        if (!this.#statementOf(query.sql).readonly) await this.#joint.write();
        return connection.executeQuery(query);
      },
      streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
    };
  }

  override beginTransaction(): Promise<void> {
    return this.#joint.begin();
  }

  override async commitTransaction(): Promise<void> {
    this.#joint.commit();
  }

  override async rollbackTransaction(): Promise<void> {
    this.#joint.rollback();
  }

  /** The next one may go on at once; the one that gives it back, when what it wrote is on the disk. */
  override async releaseConnection(): Promise<void> {
    const settled = this.#joint.leave();
    const next = this.#waiting.shift();
    if (next === undefined) this.#isTaken = false;
    else next();
    await settled;
  }

  override async destroy(): Promise<void> {
    this.#joint.close();
    await this.#flush.close();
    await super.destroy();
  }
}

interface Flush {
  /** Settles when all that was committed until now is on the disk; at once when nothing was. */
  written(): Promise<void> | undefined;
  close(): Promise<void>;
}

function createFlush(sqlite: SqliteDatabase.Database): Flush {
  const changes = sqlite.prepare<[], number>("select total_changes()").pluck();
  let seen = 0;
  let log: FileHandle | undefined;
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  const flush = async () => {
    next = undefined;
    // The log exists as long as a connection is open that wrote to it.
    log ??= await open(`${sqlite.name}-wal`, "r");
    await log.datasync();
  };

  return {
    written: () => {
      const now = changes.get() ?? 0;
      if (now === seen || sqlite.memory) return undefined;
      seen = now;
      if (next === undefined) {
        next = running.catch(() => undefined).then(flush);
        running = next;
      }
      return next;
    },
    close: async () => {
      // Those who wait for it are told when it fails.
      await running.catch(() => undefined);
      await log?.close();
    },
  };
}

function createStatements(sqlite: SqliteDatabase.Database) {
  const kept = new Map<string, SqliteDatabase.Statement<unknown[]>>();
  return (sql: string) => {
    const statement = kept.get(sql) ?? sqlite.prepare<unknown[]>(sql);
    kept.delete(sql);
    kept.set(sql, statement);
    if (kept.size > MOST_STATEMENTS) forgetOldest(kept);
    return statement;
  };
}

function forgetOldest(kept: Map<string, unknown>): void {
  const [oldest] = kept.keys();
  if (oldest !== undefined) kept.delete(oldest);
}
