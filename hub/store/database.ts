import SqliteDatabase from "better-sqlite3";
import { Kysely } from "kysely";
import type { Tables } from "./schema.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";

export type Database = Kysely<Tables>;

/** Pages of the database that stay in memory. */
const CACHE_KIB = 16 * 1024;

/**
 * Opens the hub's SQLite file (created when absent; `:memory:` for tests) in WAL mode. What was answered to somebody survives the
 * death of this process and a power cut: see `sqliteDialect`.
 */
export function openDatabase(file: string, checkpoints: "within-commits" | "elsewhere" = "within-commits"): Database {
  const sqlite = new SqliteDatabase(file);
  sqlite.pragma("journal_mode = WAL");
  sqlite.pragma("synchronous = NORMAL");
  sqlite.pragma("foreign_keys = ON");
  sqlite.pragma("busy_timeout = 5000");
  sqlite.pragma(`cache_size = -${CACHE_KIB}`);
  if (checkpoints === "elsewhere") sqlite.pragma("wal_autocheckpoint = 0");
  return new Kysely<Tables>({ dialect: sqliteDialect(sqlite) });
}
