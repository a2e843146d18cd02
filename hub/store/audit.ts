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
  write(line: AuditLine): Promise<void>;
  /** Newest first; `before` is the `at` to go on from. */
  list(page: { readonly limit: number; readonly before?: number | undefined }): Promise<AuditEntry[]>;
}

const Details = z.record(z.string(), z.unknown());

export const createAudit = (db: Database, now: () => number): Audit => ({
  write: async ({ details, ...line }) => {
    await db
      .insertInto("audit")
      .values({ ...line, at: now(), details_json: JSON.stringify(details ?? {}) })
      .execute();
  },
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
