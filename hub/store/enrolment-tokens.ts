import { ProblemBody } from "#shared/problem.ts";
import { Binding } from "../fleet/enrolment-binding.ts";
import { type AuditLine, tellIn, writeAudit } from "./audit.ts";
import type { Database } from "./database.ts";

export interface EnrolmentToken {
  readonly beacon: string;
  readonly expiresAt: number;
  /** Public key that used it. */
  readonly usedBy: string | undefined;
  readonly binding: Binding | undefined;
  /** Why the last one was refused that tried. */
  readonly refusal: ProblemBody | undefined;
}

export interface NewEnrolmentToken {
  readonly hash: string;
  readonly beacon: string;
  readonly expiresAt: number;
  readonly binding: Binding | undefined;
}

/** One-time tokens by their SHA-256. A line of the audit log is written with the change that it tells. */
export interface EnrolmentTokenStore {
  /** Stores a token and forgets the unused ones of the same beacon. */
  replace(token: NewEnrolmentToken, line?: AuditLine): Promise<void>;
  /** Whether there is one of this beacon, used or not. */
  hasAny(beacon: string): Promise<boolean>;
  get(hash: string): Promise<EnrolmentToken | undefined>;
  /** Adds to what is known of the server for which a beacon's unused token is; does nothing to one that is for any. */
  bind(beacon: string, told: Partial<Omit<Binding, "awaits">>): Promise<void>;
  refuse(hash: string, problem: ProblemBody, line: AuditLine): Promise<void>;
  /** Why the last one was refused that came with the beacon's unused token. */
  refusal(beacon: string): Promise<ProblemBody | undefined>;
  /**
   * Gives the token to a key and the key to the token's beacon, both or neither. Where there is a key, it stays until the new one
   * is proved.
   * @returns whether the token was free.
   */
  use(
    hash: string,
    by: { readonly publicKey: string; readonly agentVersion: string },
    line: AuditLine,
  ): Promise<boolean>;
}

export const createEnrolmentTokenStore = (db: Database, now: () => number): EnrolmentTokenStore => ({
  replace: ({ hash, beacon, expiresAt, binding }, line) =>
    db.transaction().execute(async (trx) => {
      await trx.deleteFrom("enrolment_token").where("beacon", "=", beacon).where("used_at", "is", null).execute();
      const binding_json = binding === undefined ? null : JSON.stringify(binding);
      await trx
        .insertInto("enrolment_token")
        .values({ hash, beacon, expires_at: expiresAt, used_at: null, used_by: null, binding_json, refusal_json: null })
        .execute();
      if (line !== undefined) await writeAudit(trx, now(), line);
    }),
  hasAny: async (beacon) => {
    const any = db.selectFrom("enrolment_token").select("hash").where("beacon", "=", beacon).limit(1);
    return (await any.executeTakeFirst()) !== undefined;
  },
  get: async (hash) => {
    const row = await db.selectFrom("enrolment_token").selectAll().where("hash", "=", hash).executeTakeFirst();
    return row === undefined
      ? undefined
      : {
          beacon: row.beacon,
          expiresAt: row.expires_at,
          usedBy: row.used_by ?? undefined,
          binding: bindingOf(row.binding_json),
          refusal: refusalOf(row.refusal_json),
        };
  },
  bind: (beacon, told) =>
    db.transaction().execute(async (trx) => {
      const unused = await trx
        .selectFrom("enrolment_token")
        .select(["hash", "binding_json"])
        .where("beacon", "=", beacon)
        .where("used_at", "is", null)
        .executeTakeFirst();
      const known = bindingOf(unused?.binding_json ?? null);
      if (unused === undefined || known === undefined) return;
      const binding = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
      await trx
        .updateTable("enrolment_token")
        .set({ binding_json: JSON.stringify({ ...known, ...binding }) })
        .where("hash", "=", unused.hash)
        .execute();
    }),
  refuse: async (hash, problem, line) => {
    await tellIn(db, { at: now(), line }, (trx) =>
      trx
        .updateTable("enrolment_token")
        .set({ refusal_json: JSON.stringify(problem) })
        .where("hash", "=", hash)
        .execute(),
    );
  },
  refusal: async (beacon) => {
    const unused = db
      .selectFrom("enrolment_token")
      .select("refusal_json")
      .where("beacon", "=", beacon)
      .where("used_at", "is", null);
    return refusalOf((await unused.executeTakeFirst())?.refusal_json ?? null);
  },
  use: (hash, { publicKey, agentVersion }, line) =>
    db.transaction().execute(async (trx) => {
      const used = await trx
        .updateTable("enrolment_token")
        .set({ used_at: now(), used_by: publicKey })
        .where("hash", "=", hash)
        .where("used_at", "is", null)
        .returning("beacon")
        .executeTakeFirst();
      if (used === undefined) return false;
      const beacon = trx.updateTable("beacon").where("id", "=", used.beacon).where("removed_at", "is", null);
      const first = await beacon
        .set({ public_key: publicKey, agent_version: agentVersion, enrolled_at: now(), revoked_at: null })
        .where("public_key", "is", null)
        .executeTakeFirst();
      if (Number(first.numUpdatedRows) === 0) await beacon.set({ next_public_key: publicKey }).execute();
      await writeAudit(trx, now(), line);
      return true;
    }),
});

const bindingOf = (json: string | null) => (json === null ? undefined : Binding.parse(JSON.parse(json)));
const refusalOf = (json: string | null) => (json === null ? undefined : ProblemBody.parse(JSON.parse(json)));
