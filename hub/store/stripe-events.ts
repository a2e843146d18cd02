import { ProblemBody } from "#shared/problem.ts";
import type { Database } from "./database.ts";

/** That something happened to an object at Stripe. What it is now is asked there: events come late, twice, and in any order. */
export interface StripeEventNote {
  readonly id: string;
  readonly type: string;
  /** `kind id` of the object to look at; `undefined` when there is nothing of ours to look at. */
  readonly target: string | undefined;
  readonly createdAt: number;
}

export interface StripeEventStore {
  /** Each id once. @returns how many were new */
  insert(events: readonly StripeEventNote[], at: number): Promise<number>;
  /** Objects to look at now, each with the events that say so, the one that waits longest first. */
  due(
    now: number,
  ): Promise<{ readonly target: string; readonly events: readonly string[]; readonly attempts: number }[]>;
  nextRetryAt(now: number): Promise<number | undefined>;
  markHandled(events: readonly string[], at: number): Promise<void>;
  markFailed(events: readonly string[], problem: ProblemBody, retryAt: number): Promise<void>;
  /** When the newest was made that came, by Stripe's clock. */
  newestAt(): Promise<number | undefined>;
  /** Forgets what was handled before. */
  prune(before: number): Promise<void>;
}

export const createStripeEventStore = (db: Database): StripeEventStore => ({
  insert: async (events, at) => {
    let added = 0;
    for (const { id, type, target, createdAt } of events) {
      const { numInsertedOrUpdatedRows: rows } = await db
        .insertInto("stripe_event")
        .values({
          id,
          type,
          target: target ?? null,
          created_at: createdAt,
          received_at: at,
          handled_at: target === undefined ? at : null,
          retry_at: at,
        })
        .onConflict((conflict) => conflict.column("id").doNothing())
        .executeTakeFirst();
      added += Number(rows ?? 0);
    }
    return added;
  },
  due: async (now) => {
    const rows = await db
      .selectFrom("stripe_event")
      .select(["id", "target", "attempts"])
      .where("handled_at", "is", null)
      .where("retry_at", "<=", now)
      .orderBy("received_at")
      .execute();
    const byTarget = new Map<string, { target: string; events: string[]; attempts: number }>();
    for (const { id, target, attempts } of rows) {
      if (target === null) continue;
      const group = byTarget.get(target) ?? { target, events: [], attempts: 0 };
      group.events.push(id);
      group.attempts = Math.max(group.attempts, attempts);
      byTarget.set(target, group);
    }
    return [...byTarget.values()];
  },
  nextRetryAt: async (now) => {
    const row = await db
      .selectFrom("stripe_event")
      .select("retry_at")
      .where("handled_at", "is", null)
      .where("retry_at", ">", now)
      .orderBy("retry_at")
      .limit(1)
      .executeTakeFirst();
    return row?.retry_at;
  },
  markHandled: async (events, at) => {
    await db
      .updateTable("stripe_event")
      .set({ handled_at: at, problem_json: null })
      .where("id", "in", events)
      .execute();
  },
  markFailed: async (events, problem, retryAt) => {
    await db
      .updateTable("stripe_event")
      .set(({ eb }) => ({
        attempts: eb("attempts", "+", 1),
        retry_at: retryAt,
        problem_json: JSON.stringify(ProblemBody.parse(problem)),
      }))
      .where("id", "in", events)
      .execute();
  },
  newestAt: async () => {
    const row = await db
      .selectFrom("stripe_event")
      .select(({ fn }) => fn.max("created_at").as("at"))
      .executeTakeFirst();
    return row?.at ?? undefined;
  },
  prune: async (before) => {
    await db.deleteFrom("stripe_event").where("handled_at", "<", before).execute();
  },
});
