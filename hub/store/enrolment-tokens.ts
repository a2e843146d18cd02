import type { Database } from "./database.ts";

export interface EnrolmentToken {
  readonly beacon: string;
  readonly expiresAt: number;
  /** Public key that used it. */
  readonly usedBy: string | undefined;
}

/** One-time tokens by their SHA-256. */
export interface EnrolmentTokenStore {
  /** Stores a token and forgets the unused ones of the same beacon. */
  replace(token: { readonly hash: string; readonly beacon: string; readonly expiresAt: number }): Promise<void>;
  get(hash: string): Promise<EnrolmentToken | undefined>;
  /**
   * Gives the token to a key and the key to the token's beacon, both or neither.
   * @returns whether the token was free.
   */
  use(hash: string, by: { readonly publicKey: string; readonly agentVersion: string }): Promise<boolean>;
}

export const createEnrolmentTokenStore = (db: Database, now: () => number): EnrolmentTokenStore => ({
  replace: ({ hash, beacon, expiresAt }) =>
    db.transaction().execute(async (trx) => {
      await trx.deleteFrom("enrolment_token").where("beacon", "=", beacon).where("used_at", "is", null).execute();
      await trx
        .insertInto("enrolment_token")
        .values({ hash, beacon, expires_at: expiresAt, used_at: null, used_by: null })
        .execute();
    }),
  get: async (hash) => {
    const row = await db.selectFrom("enrolment_token").selectAll().where("hash", "=", hash).executeTakeFirst();
    return row === undefined
      ? undefined
      : { beacon: row.beacon, expiresAt: row.expires_at, usedBy: row.used_by ?? undefined };
  },
  use: (hash, { publicKey, agentVersion }) =>
    db.transaction().execute(async (trx) => {
      const used = await trx
        .updateTable("enrolment_token")
        .set({ used_at: now(), used_by: publicKey })
        .where("hash", "=", hash)
        .where("used_at", "is", null)
        .returning("beacon")
        .executeTakeFirst();
      if (used === undefined) return false;
      await trx
        .updateTable("beacon")
        .set({ public_key: publicKey, agent_version: agentVersion, enrolled_at: now() })
        .where("id", "=", used.beacon)
        .where("removed_at", "is", null)
        .execute();
      return true;
    }),
});
