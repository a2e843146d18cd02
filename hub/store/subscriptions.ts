import type { Selectable } from "kysely";
import { ProblemBody } from "#shared/problem.ts";
import type { Database } from "./database.ts";
import { parsePrices } from "./payments.ts";
import type { Tables } from "./schema.ts";

/** A subscription as Stripe has it. Times are milliseconds since the epoch. */
export interface SubscriptionSnapshot {
  readonly id: string;
  readonly purchase: string;
  readonly customer: string;
  /** As Stripe names it: https://docs.stripe.com/api/subscriptions/object#subscription_object-status */
  readonly status: string;
  /** What is subscribed to, by the keys of the catalog. */
  readonly prices: readonly string[];
  readonly periodEndsAt: number | undefined;
  readonly trialEndsAt: number | undefined;
  /** When it ends because its customer wants it to. */
  readonly endsAt: number | undefined;
  /** When the oldest invoice was raised that is not paid. */
  readonly pastDueSince: number | undefined;
  readonly endedAt: number | undefined;
  /** What it brings a month, without what is metered, in the smallest unit of its currency; `undefined` until Stripe is asked again. */
  readonly monthlyCents: number | undefined;
  /** ISO 4217, in lower case. */
  readonly currency: string | undefined;
  readonly startedAt: number | undefined;
  /** Invoices that are raised and not paid in time, and what is owed on them. */
  readonly openInvoices: number;
  readonly openCents: number;
  /** When Stripe was asked. */
  readonly seenAt: number;
}

export interface StoredSubscription extends SubscriptionSnapshot {
  readonly email: string;
  readonly beaconName: string;
  /** What its beacon was brought to: at first what was bought. */
  readonly brought: readonly string[];
  /** Set while it could not be brought to what is paid for. */
  readonly behind: Behind | undefined;
  /** All was given back: nothing is to follow from it any more. */
  readonly isTakenBack: boolean;
  /** How often it was looked at. */
  readonly version: number;
}

/** A beacon that is not what is paid for. */
export interface Behind {
  /** When it could not be brought to that for the first time. */
  readonly since: number;
  /** Why not, when it was tried last. */
  readonly problem: ProblemBody;
}

/** What was done about a subscription, or is under way. */
export interface SubscriptionAction {
  readonly key: string;
  readonly isDone: boolean;
  readonly attempts: number;
}

export interface SubscriptionStore {
  /** What Stripe says now, which its life goes on from at once. */
  put(snapshot: SubscriptionSnapshot): Promise<void>;
  get(id: string): Promise<StoredSubscription | undefined>;
  ofPurchase(purchase: string): Promise<StoredSubscription | undefined>;
  list(): Promise<StoredSubscription[]>;
  due(now: number): Promise<string[]>;
  nextWakeAt(now: number): Promise<number | undefined>;
  /** When to look at it next, unless something new was told since it was read. */
  settle(seen: Pick<StoredSubscription, "id" | "version">, wakeAt: number | undefined): Promise<void>;
  /** It is not behind any more. */
  markBrought(id: string, prices: readonly string[]): Promise<void>;
  markBehind(id: string, behind: Behind): Promise<void>;
  actions(id: string): Promise<SubscriptionAction[]>;
  begin(id: string, key: string, at: number): Promise<void>;
  finish(id: string, key: string, at: number): Promise<void>;
  fail(id: string, key: string, problem: ProblemBody): Promise<void>;
  /** Nothing is to follow from it any more: its beacon was deleted on somebody's wish. A removal that is under way goes on. */
  close(id: string, at: number): Promise<void>;
}

export function createSubscriptionStore(db: Database): SubscriptionStore {
  const rows = () =>
    db
      .selectFrom("subscription")
      .innerJoin("purchase", "purchase.id", "subscription.purchase")
      .leftJoin("payment", "payment.purchase", "subscription.purchase")
      .selectAll("subscription")
      .select(["purchase.email", "purchase.beacon_name", "payment.take_back_since"]);
  return {
    put: async ({ id, purchase, prices, ...rest }) => {
      const columns = {
        customer: rest.customer,
        status: rest.status,
        prices_json: JSON.stringify(prices),
        period_ends_at: rest.periodEndsAt ?? null,
        trial_ends_at: rest.trialEndsAt ?? null,
        ends_at: rest.endsAt ?? null,
        past_due_since: rest.pastDueSince ?? null,
        ended_at: rest.endedAt ?? null,
        monthly_cents: rest.monthlyCents ?? null,
        currency: rest.currency ?? null,
        started_at: rest.startedAt ?? null,
        open_invoices: rest.openInvoices,
        open_cents: rest.openCents,
        seen_at: rest.seenAt,
        wake_at: rest.seenAt,
      };
      await db
        .insertInto("subscription")
        .values({ id, purchase, brought_json: columns.prices_json, ...columns })
        .onConflict((conflict) =>
          conflict.column("id").doUpdateSet(({ eb }) => ({ ...columns, version: eb("subscription.version", "+", 1) })),
        )
        .execute();
    },
    get: async (id) => {
      const row = await rows().where("subscription.id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : subscriptionOf(row);
    },
    ofPurchase: async (purchase) => {
      const row = await rows().where("subscription.purchase", "=", purchase).executeTakeFirst();
      return row === undefined ? undefined : subscriptionOf(row);
    },
    list: async () => (await rows().orderBy("subscription.seen_at", "desc").execute()).map(subscriptionOf),
    due: async (now) => {
      const due = db.selectFrom("subscription").select("id").where("wake_at", "<=", now).orderBy("wake_at");
      return (await due.execute()).map(({ id }) => id);
    },
    nextWakeAt: async (now) => {
      const later = db.selectFrom("subscription").select("wake_at").where("wake_at", ">", now);
      return (await later.orderBy("wake_at").limit(1).executeTakeFirst())?.wake_at ?? undefined;
    },
    settle: async ({ id, version }, wakeAt) => {
      await db
        .updateTable("subscription")
        .set({ wake_at: wakeAt ?? null })
        .where("id", "=", id)
        .where("version", "=", version)
        .execute();
    },
    markBrought: async (id, prices) => {
      const brought = { brought_json: JSON.stringify(prices), behind_since: null, behind_problem_json: null };
      await db.updateTable("subscription").set(brought).where("id", "=", id).execute();
    },
    markBehind: async (id, { since, problem }) => {
      const behind = { behind_since: since, behind_problem_json: JSON.stringify(problem) };
      await db.updateTable("subscription").set(behind).where("id", "=", id).execute();
    },
    actions: async (id) => {
      const all = await db.selectFrom("subscription_action").selectAll().where("subscription", "=", id).execute();
      return all.map(({ key, done_at, attempts }) => ({ key, isDone: done_at !== null, attempts }));
    },
    begin: async (subscription, key, at) => {
      await db
        .insertInto("subscription_action")
        .values({ subscription, key, begun_at: at })
        .onConflict((conflict) => conflict.columns(["subscription", "key"]).doNothing())
        .execute();
    },
    finish: async (subscription, key, at) => {
      await db
        .updateTable("subscription_action")
        .set({ done_at: at, problem_json: null })
        .where("subscription", "=", subscription)
        .where("key", "=", key)
        .execute();
    },
    close: async (subscription, at) => {
      const removal = db.selectFrom("subscription_action").select("key").where("subscription", "=", subscription);
      if ((await removal.where("key", "like", "terminate@%").executeTakeFirst()) !== undefined) return;
      await db
        .insertInto("subscription_action")
        .values({ subscription, key: "terminate@deleted", begun_at: at, done_at: at })
        .onConflict((conflict) => conflict.columns(["subscription", "key"]).doNothing())
        .execute();
    },
    fail: async (subscription, key, problem) => {
      await db
        .updateTable("subscription_action")
        .set(({ eb }) => ({ attempts: eb("attempts", "+", 1), problem_json: JSON.stringify(problem) }))
        .where("subscription", "=", subscription)
        .where("key", "=", key)
        .execute();
    },
  };
}

interface SubscriptionRow extends Selectable<Tables["subscription"]> {
  readonly email: string;
  readonly beacon_name: string;
  readonly take_back_since: number | null;
}

/** What a row says of it; `undefined` while nothing is in the way. */
export const behindOf = (row: {
  readonly behind_since: number | null;
  readonly behind_problem_json: string | null;
}): Behind | undefined =>
  row.behind_since === null || row.behind_problem_json === null
    ? undefined
    : { since: row.behind_since, problem: ProblemBody.parse(JSON.parse(row.behind_problem_json)) };

const subscriptionOf = (row: SubscriptionRow): StoredSubscription => ({
  id: row.id,
  purchase: row.purchase,
  customer: row.customer,
  status: row.status,
  prices: parsePrices(row.prices_json),
  brought: parsePrices(row.brought_json),
  behind: behindOf(row),
  periodEndsAt: row.period_ends_at ?? undefined,
  trialEndsAt: row.trial_ends_at ?? undefined,
  endsAt: row.ends_at ?? undefined,
  pastDueSince: row.past_due_since ?? undefined,
  endedAt: row.ended_at ?? undefined,
  monthlyCents: row.monthly_cents ?? undefined,
  currency: row.currency ?? undefined,
  startedAt: row.started_at ?? undefined,
  openInvoices: row.open_invoices,
  openCents: row.open_cents,
  seenAt: row.seen_at,
  email: row.email,
  beaconName: row.beacon_name,
  isTakenBack: row.take_back_since !== null,
  version: row.version,
});
