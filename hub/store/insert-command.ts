import type { SignedStatement } from "#shared/protocol/statement.ts";
import { type AuditLine, writeAudit } from "./audit.ts";
import { commandOf, type StoredCommand } from "./command-row.ts";
import type { Database } from "./database.ts";
import { writeLine } from "./ledger.ts";

export interface NewCommand {
  readonly id: string;
  readonly beacon: string;
  readonly name: string;
  readonly input: unknown;
  readonly actor: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** A command that was signed under this number. */
interface Numbered {
  readonly command: NewCommand;
  readonly sequence: number;
  readonly statement: SignedStatement;
  readonly audit: AuditLine | undefined;
}

export interface UnsignedCommand {
  readonly command: NewCommand;
  readonly sign: (sequence: number) => Promise<SignedStatement>;
  readonly audit: AuditLine | undefined;
}

/**
 * Has a command signed under the next sequence number of its beacon, and stores it with that number, or not at all.
 * @returns the command, or the one that already had this id; `undefined` when there is no such beacon
 */
export async function insertCommand(
  db: Database,
  { command, sign, audit }: UnsignedCommand,
): Promise<StoredCommand | undefined> {
  for (;;) {
    // Signed before the transaction: whoever signs may take a while, and the tables are not held meanwhile.
    const before = await db
      .selectFrom("beacon")
      .select("sequence")
      .where("id", "=", command.beacon)
      .where("removed_at", "is", null)
      .executeTakeFirst();
    const known = await db.selectFrom("command").selectAll().where("id", "=", command.id).executeTakeFirst();
    if (known !== undefined) return commandOf(known);
    if (before === undefined) return undefined;
    const sequence = before.sequence + 1;
    const stored = await store(db, { command, sequence, statement: await sign(sequence), audit });
    if (stored !== undefined) return stored;
  }
}

/** @returns `undefined` when another command got the number, or the id, meanwhile */
function store(db: Database, { command, sequence, statement, audit }: Numbered): Promise<StoredCommand | undefined> {
  return db.transaction().execute(async (trx) => {
    const known = trx.selectFrom("command").select("id").where("id", "=", command.id);
    if ((await known.executeTakeFirst()) !== undefined) return undefined;
    const { numUpdatedRows } = await trx
      .updateTable("beacon")
      .set({ sequence })
      .where("id", "=", command.beacon)
      .where("sequence", "=", sequence - 1)
      .where("removed_at", "is", null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return undefined;
    const row = await trx
      .insertInto("command")
      .values({
        id: command.id,
        beacon: command.beacon,
        name: command.name,
        input_json: JSON.stringify(command.input),
        actor: command.actor,
        state: "queued",
        sequence,
        statement_json: JSON.stringify(statement),
        created_at: command.createdAt,
        expires_at: command.expiresAt,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    const { id, actor, createdAt: at } = command;
    await writeLine(trx, id, { at, state: "queued", actor });
    if (audit !== undefined) await writeAudit(trx, at, audit);
    return commandOf(row);
  });
}
