import SqliteDatabase from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import type { Tables } from "./schema.ts";

export type Database = Kysely<Tables>;

/**
 * Opens the hub's SQLite file (created when absent; `:memory:` for tests) in WAL mode.
 * `synchronous = FULL`: what was answered to somebody survives a power cut.
 */
export function openDatabase(file: string): Database {
  const sqlite = new SqliteDatabase(file);
  sqlite.pragma("journal_mode = WAL");
  sqlite.pragma("synchronous = FULL");
  sqlite.pragma("foreign_keys = ON");
  sqlite.pragma("busy_timeout = 5000");
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: sqlite }) });
}
