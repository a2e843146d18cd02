import Database from "better-sqlite3";
import { Problem } from "#shared/problem.ts";

/**
 * Makes this process the only agent of a data folder until it ends, however it ends: the lock is the kernel's, on a file
 * that SQLite locks for us (https://www.sqlite.org/lockingv3.html).
 * @returns gives the lock back
 * @throws {Problem} `conflict` when another agent has it
 */
export function lockExclusively(file: string): () => void {
  const db = new Database(file, { timeout: 0 });
  try {
    db.exec("begin exclusive");
  } catch (cause) {
    db.close();
    if (!(cause instanceof Database.SqliteError) || cause.code !== "SQLITE_BUSY") throw cause;
    throw new Problem("conflict", `another agent is running on ${file}`, {
      hint: "Stop it first, or give this one a data folder of its own.",
      cause,
    });
  }
  return () => db.close();
}
