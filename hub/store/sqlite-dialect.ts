import { type FileHandle, open } from "node:fs/promises";
import type SqliteDatabase from "better-sqlite3";
import {
  type DatabaseConnection,
  type Dialect,
  SqliteAdapter,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type SqliteStatement,
} from "kysely";

/** Statements that are kept ready: compiling one costs more than most of them take. */
const MOST_STATEMENTS = 300;

/**
 * SQLite as the hub uses it: whoever wrote something goes on when it is on the disk, and nobody else waits for that.
 *
 * In WAL mode with `synchronous = NORMAL` a commit is in the log, past the death of this process, and not flushed
 * (https://www.sqlite.org/pragma.html#pragma_synchronous). With `FULL` it would be flushed while everything in this process stands
 * still, for some milliseconds each. Here the log is flushed on another thread before the connection's user is answered, once for all
 * that committed until then: the same promise for a thousand small writes a second. A checkpoint flushes the log first by itself.
 */
export function sqliteDialect(sqlite: SqliteDatabase.Database): Dialect {
  const database = { close: () => sqlite.close(), prepare: createStatements(sqlite) };
  return {
    createDriver: () => new TurnDriver({ database }, createFlush(sqlite)),
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

class TurnDriver extends SqliteDriver {
  readonly #flush: Flush;
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  constructor(config: ConstructorParameters<typeof SqliteDriver>[0], flush: Flush) {
    super(config);
    this.#flush = flush;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
    return await super.acquireConnection();
  }

  /** The next one may go on at once; the one that gives it back, when what it wrote is on the disk. */
  override async releaseConnection(): Promise<void> {
    const flushed = this.#flush.written();
    const next = this.#waiting.shift();
    if (next === undefined) this.#isTaken = false;
    else next();
    await flushed;
  }

  override async destroy(): Promise<void> {
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

function createStatements(sqlite: SqliteDatabase.Database): (sql: string) => SqliteStatement {
  const kept = new Map<string, SqliteStatement>();
  return (sql) => {
    const statement = kept.get(sql) ?? sqlite.prepare(sql);
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
