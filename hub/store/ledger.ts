import type { Selectable } from "kysely";
import { CommandState, type LedgerLine } from "#shared/api/beacon.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./schema.ts";

/** As a `LedgerLine`, where what is not known may be said to be so. */
export type NewLine = Omit<LedgerLine, "why" | "saidAt"> & {
  readonly why?: string | undefined;
  readonly saidAt?: number | undefined;
};

/** Writes one line in the life of a command. @param db The transaction that changes the command. */
export async function writeLine(db: Database, command: string, line: NewLine): Promise<void> {
  const { at, state, actor, why = null, saidAt = null } = line;
  await db.insertInto("ledger").values({ command, at, state, actor, why, said_at: saidAt }).execute();
}

/** The life of a command, oldest line first. */
export async function linesOf(db: Database, command: string): Promise<LedgerLine[]> {
  const rows = await db.selectFrom("ledger").selectAll().where("command", "=", command).orderBy("number").execute();
  return rows.map(lineOf);
}

/** Lives of all commands of a beacon, by command. */
export async function lifesOf(db: Database, beacon: string): Promise<Map<string, LedgerLine[]>> {
  const rows = await db
    .selectFrom("ledger")
    .innerJoin("command", "command.id", "ledger.command")
    .selectAll("ledger")
    .where("command.beacon", "=", beacon)
    .orderBy("ledger.number")
    .execute();
  const byCommand = Map.groupBy(rows, ({ command }) => command);
  return new Map([...byCommand].map(([command, lines]) => [command, lines.map(lineOf)]));
}

const lineOf = ({ at, state, actor, why, said_at }: Selectable<Tables["ledger"]>): LedgerLine => ({
  at,
  state: CommandState.parse(state),
  actor,
  ...(why === null ? {} : { why }),
  ...(said_at === null ? {} : { saidAt: said_at }),
});
