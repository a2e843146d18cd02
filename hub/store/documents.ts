import { z } from "zod";
import type { Database } from "./database.ts";

const Kind = z.enum(["handbook"]);

/** A PDF made for a beacon's owner. */
export interface StoredDocument {
  readonly id: string;
  readonly beacon: string;
  readonly kind: z.output<typeof Kind>;
  readonly content: Uint8Array;
  readonly createdAt: number;
}

export interface DocumentStore {
  /** Stores a document once: a second one under the same id is ignored. */
  put(document: StoredDocument): Promise<void>;
  has(id: string): Promise<boolean>;
  get(id: string): Promise<StoredDocument | undefined>;
}

export const createDocumentStore = (db: Database): DocumentStore => ({
  put: async ({ createdAt, ...same }) => {
    await db
      .insertInto("document")
      .values({ ...same, created_at: createdAt })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute();
  },
  has: async (id) =>
    (await db.selectFrom("document").select("id").where("id", "=", id).executeTakeFirst()) !== undefined,
  get: async (id) => {
    const row = await db.selectFrom("document").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) return undefined;
    return { id, beacon: row.beacon, kind: Kind.parse(row.kind), content: row.content, createdAt: row.created_at };
  },
});
