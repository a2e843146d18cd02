import type { Selectable } from "kysely";
import { ProblemBody } from "#shared/problem.ts";
import { type Told, tellIn } from "./audit.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./schema.ts";

/** An account at a provider, its credentials still sealed. */
export interface StoredAccount {
  readonly provider: string;
  readonly weight: number;
  /** Since when it gets no orders any more. */
  readonly disabledAt: number | undefined;
  /** Absent while none were given. */
  readonly sealed: Uint8Array | undefined;
  /** When the vendor was last asked whether the credentials are good. */
  readonly checkedAt: number | undefined;
  /** What it said, where they are not. */
  readonly problem: ProblemBody | undefined;
}

export interface ProviderAccountStore {
  list(): Promise<StoredAccount[]>;
  get(provider: string): Promise<StoredAccount | undefined>;
  /** `told` is written into the audit log with it. */
  put(account: StoredAccount, told: Told): Promise<void>;
  /** Writes down what a vendor said of credentials, unless they are others by now. */
  putCheck(account: StoredAccount, check: Pick<StoredAccount, "checkedAt" | "problem">): Promise<void>;
}

export const createProviderAccountStore = (db: Database): ProviderAccountStore => ({
  list: async () => (await db.selectFrom("provider_account").selectAll().execute()).map(accountOf),
  get: async (provider) => {
    const row = await db.selectFrom("provider_account").selectAll().where("provider", "=", provider).executeTakeFirst();
    return row === undefined ? undefined : accountOf(row);
  },
  put: async (account, told) => {
    const { provider, ...changed } = rowOf(account);
    await tellIn(db, told, (transaction) =>
      transaction
        .insertInto("provider_account")
        .values({ provider, ...changed })
        .onConflict((conflict) => conflict.column("provider").doUpdateSet(changed))
        .execute(),
    );
  },
  putCheck: async (account, { checkedAt, problem }) => {
    const { checked_at, problem_json } = rowOf({ ...account, checkedAt, problem });
    await db
      .updateTable("provider_account")
      .set({ checked_at, problem_json })
      .where("provider", "=", account.provider)
      .where("sealed", "=", Buffer.from(account.sealed ?? []))
      .execute();
  },
});

const accountOf = (row: Selectable<Tables["provider_account"]>): StoredAccount => ({
  provider: row.provider,
  weight: row.weight,
  disabledAt: row.disabled_at ?? undefined,
  sealed: row.sealed ?? undefined,
  checkedAt: row.checked_at ?? undefined,
  problem: row.problem_json === null ? undefined : ProblemBody.parse(JSON.parse(row.problem_json)),
});

const rowOf = ({ provider, weight, disabledAt, sealed, checkedAt, problem }: StoredAccount) => ({
  provider,
  weight,
  disabled_at: disabledAt ?? null,
  sealed: sealed === undefined ? null : Buffer.from(sealed),
  checked_at: checkedAt ?? null,
  problem_json: problem === undefined ? null : JSON.stringify(problem),
});
