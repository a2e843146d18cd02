import SqliteDatabase from "better-sqlite3";
import { Problem } from "#shared/problem.ts";

/**
 * Makes this process the only hub of a data folder until it ends, however it ends: the lock is the kernel's, on a file that
 * SQLite locks for us (https://www.sqlite.org/lockingv3.html).
 * @returns gives the lock back
 * @throws {Problem} `conflict` when another hub has it
 */
export function lockExclusively(file: string): () => void {
  const db = new SqliteDatabase(file, { timeout: 0 });
  try {
    db.exec("begin exclusive");
  } catch (cause) {
    db.close();
    if (!(cause instanceof SqliteDatabase.SqliteError) || cause.code !== "SQLITE_BUSY") throw cause;
    throw new Problem("conflict", `another hub is running on ${file}`, {
      hint: "Stop it first, or give this one a data folder of its own.",
      cause,
    });
  }
  return () => db.close();
}
