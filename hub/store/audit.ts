import { z } from "zod";
import type { AuditEntry } from "#shared/api/hub.ts";
import type { Database } from "./database.ts";

export interface AuditLine {
  /** E-mail address of who did it, or the part of the hub that did. */
  readonly actor: string;
  /** `noun.verb`. */
  readonly action: string;
  /** Id of what it was done to. */
  readonly subject: string;
  /** Never a secret. */
  readonly details?: Record<string, unknown>;
}

/** Who did what and when. Lines are only ever added. */
export interface Audit {
  /** For what changed nothing in this database; a change is told in its own transaction, by `writeAudit`. */
  write(line: AuditLine): Promise<void>;
  /** Newest first; `before` is the `at` to go on from. */
  list(page: { readonly limit: number; readonly before?: number | undefined }): Promise<AuditEntry[]>;
}

const Details = z.record(z.string(), z.unknown());

/** @param db The transaction of what the line tells, where it tells of a change. */
export async function writeAudit(db: Database, at: number, { details = {}, ...line }: AuditLine): Promise<void> {
  await db
    .insertInto("audit")
    .values({ ...line, at, details_json: JSON.stringify(details) })
    .execute();
}

/** A line with its time, to be written in the transaction of what it tells. */
export interface Told {
  readonly at: number;
  readonly line: AuditLine;
}

/** Does some work and writes its line, both or neither. */
export const tellIn = <Result>(db: Database, { at, line }: Told, work: (trx: Database) => Promise<Result>) =>
  db.transaction().execute(async (trx) => {
    const result = await work(trx);
    await writeAudit(trx, at, line);
    return result;
  });

export const createAudit = (db: Database, now: () => number): Audit => ({
  write: (line) => writeAudit(db, now(), line),
  list: async ({ limit, before }) => {
    const rows = await db
      .selectFrom("audit")
      .selectAll()
      .$if(before !== undefined, (query) => query.where("at", "<", before ?? 0))
      .orderBy("id", "desc")
      .limit(limit)
      .execute();
    return rows.map(({ id: _, details_json, ...row }) => ({
      ...row,
      details: Details.parse(JSON.parse(details_json)),
    }));
  },
});
