import { z } from "zod";
import { CommandState, type LedgerLine } from "#shared/api/beacon.ts";
import type { AgentDatabase } from "./database.ts";

/** The life of every command in the journal, line by line. */
export interface Ledger {
  /** Part of the transaction that is under way. */
  write(command: string, line: Omit<LedgerLine, "at">): void;
  /** Oldest first. */
  of(command: string): LedgerLine[];
}

const Row = z
  .object({ at: z.number(), state: CommandState, actor: z.string(), why: z.string().nullable() })
  .transform(({ why, ...line }): LedgerLine => ({ ...line, ...(why === null ? {} : { why }) }));

/** @param now Milliseconds since the epoch. */
export function createLedger(db: AgentDatabase, now: () => number): Ledger {
  const insert = db.prepare("insert into ledger (command, at, state, actor, why) values (?, ?, ?, ?, ?)");
  const select = db.prepare("select at, state, actor, why from ledger where command = ? order by number");
  return {
    write: (command, { state, actor, why }) => void insert.run(command, now(), state, actor, why ?? null),
    of: (command) => select.all(command).map((row) => Row.parse(row)),
  };
}
