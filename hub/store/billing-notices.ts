import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { Problem, type ProblemBody } from "#shared/problem.ts";
import { type AuditLine, writeAudit } from "./audit.ts";
import type { Database } from "./database.ts";

const body = {
  usage: z.strictObject({ meter: z.string(), value: z.number().positive() }),
  credit: z.strictObject({ cents: z.number().int().positive(), reason: z.string() }),
} as const;
export const NoticeBody = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("usage"), ...body.usage.shape }),
  z.strictObject({ kind: z.literal("credit"), ...body.credit.shape }),
]);
/** What Stripe is to be told once. */
export type NoticeBody = z.output<typeof NoticeBody>;

export interface BillingNotice {
  readonly id: string;
  readonly purchase: string;
  readonly body: NoticeBody;
  /** When it was so. */
  readonly at: number;
  /** When it was sent for the first time, whether it arrived or not. */
  readonly triedAt: number | undefined;
  readonly attempts: number;
}

export interface BillingNoticeStore {
  /**
   * The same id again changes nothing.
   * @param line Tells of one that is new.
   * @returns whether it was
   * @throws {Problem} `conflict` when the id was given to another one before
   */
  put(notice: Pick<BillingNotice, "id" | "purchase" | "body" | "at">, line?: AuditLine): Promise<boolean>;
  due(now: number, limit: number): Promise<BillingNotice[]>;
  /** What was so from then on, whether it was told or not. */
  since(at: number): Promise<(Pick<BillingNotice, "purchase" | "body" | "at"> & { readonly isSent: boolean })[]>;
  markTried(id: string, at: number): Promise<void>;
  markSent(id: string, at: number): Promise<void>;
  /** @param retryAt `undefined` when somebody has to look at it first */
  markFailed(id: string, problem: ProblemBody, retryAt: number | undefined): Promise<void>;
}

/** Further than any clock will be: what waits for somebody. */
export const NEVER = Number.MAX_SAFE_INTEGER;

export const createBillingNoticeStore = (db: Database): BillingNoticeStore => ({
  put: ({ id, purchase, body, at }, line) =>
    db.transaction().execute(async (trx) => {
      const { numInsertedOrUpdatedRows: added } = await trx
        .insertInto("billing_notice")
        .values({ id, kind: body.kind, purchase, body_json: JSON.stringify(body), at, retry_at: at })
        .onConflict((conflict) => conflict.column("id").doNothing())
        .executeTakeFirst();
      const isNew = Number(added ?? 0) > 0;
      if (!isNew) await assertSame(trx, { id, purchase, body });
      if (isNew && line !== undefined) await writeAudit(trx, at, line);
      return isNew;
    }),
  due: async (now, limit) => {
    const rows = await db
      .selectFrom("billing_notice")
      .selectAll()
      .where("sent_at", "is", null)
      .where("retry_at", "<=", now)
      .orderBy("at")
      .limit(limit)
      .execute();
    return rows.map(({ id, purchase, body_json, at, tried_at, attempts }) => ({
      id,
      purchase,
      body: NoticeBody.parse(JSON.parse(body_json)),
      at,
      triedAt: tried_at ?? undefined,
      attempts,
    }));
  },
  since: async (from) => {
    const rows = await db
      .selectFrom("billing_notice")
      .select(["purchase", "body_json", "at", "sent_at"])
      .where("at", ">=", from)
      .execute();
    return rows.map(({ purchase, body_json, at, sent_at }) => ({
      ...{ purchase, at, isSent: sent_at !== null },
      body: NoticeBody.parse(JSON.parse(body_json)),
    }));
  },
  markTried: async (id, at) => {
    await db
      .updateTable("billing_notice")
      .set({ tried_at: at })
      .where("id", "=", id)
      .where("tried_at", "is", null)
      .execute();
  },
  markSent: async (id, at) => {
    await db.updateTable("billing_notice").set({ sent_at: at, problem_json: null }).where("id", "=", id).execute();
  },
  markFailed: async (id, problem, retryAt) => {
    await db
      .updateTable("billing_notice")
      .set(({ eb }) => ({
        attempts: eb("attempts", "+", 1),
        retry_at: retryAt ?? NEVER,
        problem_json: JSON.stringify(problem),
      }))
      .where("id", "=", id)
      .execute();
  },
});

async function assertSame(
  db: Database,
  { id, purchase, body }: Pick<BillingNotice, "id" | "purchase" | "body">,
): Promise<void> {
  const known = await db
    .selectFrom("billing_notice")
    .select(["purchase", "body_json"])
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  const isSame = isDeepStrictEqual(NoticeBody.parse(JSON.parse(known.body_json)), body);
  if (isSame && known.purchase === purchase) return;
  throw new Problem("conflict", `another ${body.kind} was given the id ${id} before`, {
    hint: "Look at what was credited already. If this one is meant besides, give it another id.",
  });
}
