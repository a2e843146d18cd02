import type { Selectable } from "kysely";
import type { Database } from "./database.ts";
import type { Tables } from "./schema.ts";

/** A mail on its way. Times are milliseconds since the epoch. */
export interface StoredMail {
  readonly id: string;
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string | undefined;
  /** Id of the document that goes with it. */
  readonly attachment: string | undefined;
  readonly createdAt: number;
  /** How often it was tried in vain. */
  readonly attempts: number;
  readonly sentAt: number | undefined;
}

export type NewMail = Omit<StoredMail, "attempts" | "sentAt">;

export interface MailStore {
  /** Stores a mail once: a second one under the same id is ignored. */
  put(mail: NewMail): Promise<void>;
  get(id: string): Promise<StoredMail | undefined>;
  /** Mails not sent yet and made after `since`, oldest first. */
  unsent(since: number): Promise<StoredMail[]>;
  /** The mail went out; its words are forgotten, because they may hold a link that signs somebody in. */
  markSent(id: string, at: number): Promise<void>;
  countAttempt(id: string): Promise<void>;
  /** One that was made before that and never went out counts as made at `at`. */
  renew(id: string, times: { readonly madeBefore: number; readonly at: number }): Promise<void>;
  /** Takes a mail back that was not sent. */
  removeUnsent(id: string): Promise<void>;
}

export const createMailStore = (db: Database): MailStore => ({
  put: async ({ createdAt, html, attachment, ...same }) => {
    await db
      .insertInto("mail")
      .values({ ...same, html: html ?? null, attachment: attachment ?? null, created_at: createdAt })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute();
  },
  get: async (id) => {
    const row = await db.selectFrom("mail").selectAll().where("id", "=", id).executeTakeFirst();
    return row === undefined ? undefined : mailOf(row);
  },
  unsent: async (since) => {
    const mails = db.selectFrom("mail").selectAll().where("sent_at", "is", null).where("created_at", ">", since);
    return (await mails.orderBy("created_at").execute()).map(mailOf);
  },
  markSent: async (id, at) => {
    await db.updateTable("mail").set({ sent_at: at, text: "", html: null }).where("id", "=", id).execute();
  },
  countAttempt: async (id) => {
    await db
      .updateTable("mail")
      .set(({ eb }) => ({ attempts: eb("attempts", "+", 1) }))
      .where("id", "=", id)
      .execute();
  },
  renew: async (id, { madeBefore, at }) => {
    const unsent = db.updateTable("mail").set({ created_at: at }).where("id", "=", id).where("sent_at", "is", null);
    await unsent.where("created_at", "<=", madeBefore).execute();
  },
  removeUnsent: async (id) => {
    await db.deleteFrom("mail").where("id", "=", id).where("sent_at", "is", null).execute();
  },
});

const mailOf = (row: Selectable<Tables["mail"]>): StoredMail => ({
  id: row.id,
  recipient: row.recipient,
  subject: row.subject,
  text: row.text,
  html: row.html ?? undefined,
  attachment: row.attachment ?? undefined,
  createdAt: row.created_at,
  attempts: row.attempts,
  sentAt: row.sent_at ?? undefined,
});
