import { setTimeout as sleep } from "node:timers/promises";
import SqliteDatabase from "better-sqlite3";

/** How long a connection of somebody else may write before it is an error. */
const PATIENCE_MS = 5_000;
const PAUSE_MS = 2;

/** Users of one connection, each in its turn, whose changes become one transaction of SQLite. */
export interface JointCommit {
  /** One user has the connection from now on. */
  take(): void;
  /** The user is about to change something. @throws when the database has undone what it changed before, or another connection writes on and on */
  write(): Promise<void>;
  /** The user begins a transaction of its own: all of it or nothing. @throws as `write` */
  begin(): Promise<void>;
  commit(): void;
  rollback(): void;
  /**
   * The user gives the connection back.
   * @returns when it may go on: as soon as its changes are on the disk, or all that it may have seen is committed; at once when it has seen
   *   only what is
   */
  leave(): Promise<void> | undefined;
  /** Commits what is left. */
  close(): void;
}

interface Joint {
  /** Fails for all when one reason has undone it all. */
  readonly committed: PromiseWithResolvers<void>;
  readonly flushed: Promise<void>;
  /** Its time has come, and somebody has the connection. */
  isDue: boolean;
}

/**
 * Has all that is written in one turn of the event loop committed together: every commit writes each page that it has changed, and fifty
 * users who change rows of the same pages write them once. Each of them stays a transaction of its own, as a savepoint within the joint
 * one (https://www.sqlite.org/lang_savepoint.html), and nobody is told that something is there before it is committed.
 * @param flushed Settles when all that was committed until now is on the disk.
 */
export function createJointCommit(
  sqlite: SqliteDatabase.Database,
  flushed: () => Promise<void> | undefined,
): JointCommit {
  const prepared = new Map<string, SqliteDatabase.Statement>();
  const run = (sql: string) => {
    const statement = prepared.get(sql) ?? sqlite.prepare(sql);
    prepared.set(sql, statement);
    statement.run();
  };
  let joint: Joint | undefined;
  let isTaken = false;
  let hasWritten = false;

  const end = (ended: Joint) => {
    if (ended !== joint) return;
    if (isTaken) {
      ended.isDue = true;
      return;
    }
    joint = undefined;
    try {
      assertThere(sqlite);
      run("commit");
      ended.committed.resolve();
    } catch (error) {
      if (sqlite.inTransaction) run("rollback");
      ended.committed.reject(error);
    }
  };

  /** Another connection may be writing, even of this process, which must not stand still then. */
  const open = async () => {
    for (const since = performance.now(); ; ) {
      sqlite.pragma("busy_timeout = 0");
      try {
        return run("begin immediate");
      } catch (error) {
        const isBusy = error instanceof SqliteDatabase.SqliteError && error.code.startsWith("SQLITE_BUSY");
        if (!isBusy || performance.now() - since > PATIENCE_MS) throw error;
      } finally {
        sqlite.pragma(`busy_timeout = ${PATIENCE_MS}`);
      }
      await sleep(PAUSE_MS);
    }
  };

  const enter = async () => {
    if (joint !== undefined) {
      assertThere(sqlite);
      return;
    }
    await open();
    const committed = Promise.withResolvers<void>();
    const opened = { committed, flushed: committed.promise.then(flushed), isDue: false };
    // Those who wait for it are told when it fails.
    opened.flushed.catch(() => undefined);
    joint = opened;
    setImmediate(() => end(opened));
  };

  return {
    take: () => {
      isTaken = true;
      hasWritten = false;
    },
    write: async () => {
      await enter();
      hasWritten = true;
    },
    begin: async () => {
      await enter();
      run("savepoint one");
    },
    commit: () => {
      assertThere(sqlite);
      run("release one");
    },
    rollback: () => {
      if (!sqlite.inTransaction) return;
      run("rollback to one");
      run("release one");
    },
    leave: () => {
      isTaken = false;
      const mine = joint;
      if (mine === undefined) return undefined;
      if (mine.isDue || !sqlite.inTransaction) end(mine);
      return hasWritten ? mine.flushed : mine.committed.promise;
    },
    close: () => {
      if (joint !== undefined) end(joint);
    },
  };
}

/** A full disk, for example, undoes a transaction as a whole: https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction */
function assertThere(sqlite: SqliteDatabase.Database): void {
  if (!sqlite.inTransaction) throw new Error("the database has undone what was written at the same time");
}
