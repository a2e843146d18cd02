import { AlertEvent } from "#shared/alerts/evaluate.ts";
import type { Problem } from "#shared/problem.ts";
import type { Database } from "./database.ts";

/** One event on its way to one channel. */
export interface Delivery {
  readonly number: number;
  readonly beacon: string;
  readonly channel: string;
  readonly event: AlertEvent;
  readonly receivedAt: number;
  /** It waited for the end of a quiet time. */
  readonly deferred: boolean;
  readonly attempts: number;
}

/** How a delivery ended: `needless` when nobody has to be told any more. */
export type DeliveryEnd = "done" | "needless" | "given-up";

export interface DeliveryStore {
  /** What may go out by now, in the order in which it happened. */
  due(nowMs: number, limit: number): Promise<Delivery[]>;
  isWaiting(number: number): Promise<boolean>;
  /** When something is due next; nothing while nothing waits. */
  nextDueAt(): Promise<number | undefined>;
  /** One that a quiet time held back until it was over is not told, nor is its end. @returns whether it was so. */
  dropOver(delivery: Delivery, at: number): Promise<boolean>;
  end(number: number, state: DeliveryEnd, at: number, problem?: Problem): Promise<void>;
  /** It is tried again. */
  failed(number: number, problem: Problem): Promise<void>;
}

export const createDeliveryStore = (db: Database): DeliveryStore => ({
  due: async (nowMs, limit) => {
    const rows = await db
      .selectFrom("alert_delivery")
      .innerJoin("alert_event", (join) =>
        join
          .onRef("alert_event.beacon", "=", "alert_delivery.beacon")
          .onRef("alert_event.id", "=", "alert_delivery.event"),
      )
      .select(["number", "alert_delivery.beacon", "channel", "event_json", "received_at", "due_at", "attempts"])
      .where("state", "=", "waiting")
      .where("due_at", "<=", nowMs)
      .orderBy("number")
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      number: row.number,
      beacon: row.beacon,
      channel: row.channel,
      event: AlertEvent.parse(JSON.parse(row.event_json)),
      receivedAt: row.received_at,
      deferred: row.due_at > row.received_at,
      attempts: row.attempts,
    }));
  },

  isWaiting: async (number) => {
    const row = await db.selectFrom("alert_delivery").select("state").where("number", "=", number).executeTakeFirst();
    return row?.state === "waiting";
  },

  nextDueAt: async () => {
    const { next } = await db
      .selectFrom("alert_delivery")
      .where("state", "=", "waiting")
      .select(({ fn }) => fn.min("due_at").as("next"))
      .executeTakeFirstOrThrow();
    return next ?? undefined;
  },

  dropOver: ({ number, beacon, channel, event, deferred }, at) =>
    db.transaction().execute(async (trx) => {
      if (!deferred || event.kind !== "fired") return false;
      const end = await trx
        .selectFrom("alert_delivery")
        .innerJoin("alert_event", (join) =>
          join
            .onRef("alert_event.beacon", "=", "alert_delivery.beacon")
            .onRef("alert_event.id", "=", "alert_delivery.event"),
        )
        .select("number")
        .where("alert_event.beacon", "=", beacon)
        .where("rule", "=", event.rule)
        .where("subject", "=", event.subject)
        .where("fired_at", "=", event.firedAt)
        .where("kind", "=", "resolved")
        .where("channel", "=", channel)
        .where("state", "=", "waiting")
        .executeTakeFirst();
      if (end === undefined) return false;
      await trx
        .updateTable("alert_delivery")
        .set({ state: "needless", finished_at: at })
        .where("number", "in", [number, end.number])
        .execute();
      return true;
    }),

  end: async (number, state, at, problem) => {
    const problem_json = problem === undefined ? null : JSON.stringify(problem);
    await db
      .updateTable("alert_delivery")
      .set(({ eb }) => ({ state, finished_at: at, problem_json, attempts: eb("attempts", "+", 1) }))
      .where("number", "=", number)
      .where("state", "=", "waiting")
      .execute();
  },

  failed: async (number, problem) => {
    await db
      .updateTable("alert_delivery")
      .set(({ eb }) => ({ attempts: eb("attempts", "+", 1), problem_json: JSON.stringify(problem) }))
      .where("number", "=", number)
      .execute();
  },
});
