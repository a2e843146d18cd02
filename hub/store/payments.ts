import type { Selectable } from "kysely";
import { z } from "zod";
import type { Database } from "./database.ts";
import type { Tables } from "./schema.ts";

/** What a purchase costs, and how far its payment has come. Times are milliseconds since the epoch. */
export interface Payment {
  readonly purchase: string;
  /** Lookup keys of what is bought. */
  readonly prices: readonly string[];
  readonly trialDays: number | undefined;
  /** How many checkouts were closed without a payment. */
  readonly round: number;
  readonly customer: string | undefined;
  /** The checkout that is open, or that was paid. */
  readonly session: { readonly id: string; readonly url: string } | undefined;
  readonly subscription: string | undefined;
  /** Also of one that begins with a trial. */
  readonly paidAt: number | undefined;
  /** When its checkout was over without a payment. */
  readonly lapsedAt: number | undefined;
  /** Since when all is to be given back: it counts as paid no more. */
  readonly takeBackSince: number | undefined;
  readonly takenBackAt: number | undefined;
}

export type NewPayment = Pick<Payment, "prices" | "trialDays">;

export interface PaymentStore {
  get(purchase: string): Promise<Payment | undefined>;
  /** Notes what a purchase costs that has no payment yet. */
  ensure(purchase: string, payment: NewPayment): Promise<void>;
  /** A checkout is open for it. */
  open(
    purchase: string,
    at: { readonly customer: string; readonly session: string; readonly url: string },
  ): Promise<void>;
  /** @returns whether it was not before */
  markPaid(
    purchase: string,
    paid: { readonly subscription: string; readonly customer: string; readonly at: number },
  ): Promise<boolean>;
  /** Its checkout is over; the next one is another round. @returns whether it was this one */
  markLapsed(purchase: string, session: string, at: number): Promise<boolean>;
  beginTakingBack(purchase: string, at: number): Promise<void>;
  markTakenBack(purchase: string, at: number): Promise<void>;
}

/** `prices_json` of a payment or a subscription. */
export const parsePrices = (json: string): string[] => z.array(z.string()).parse(JSON.parse(json));

/** @param db The transaction in which its purchase is stored: a purchase without a payment costs nothing. */
export async function insertPayment(db: Database, purchase: string, { prices, trialDays }: NewPayment): Promise<void> {
  await db
    .insertInto("payment")
    .values({ purchase, prices_json: JSON.stringify(prices), trial_days: trialDays ?? null })
    .execute();
}

export const createPaymentStore = (db: Database): PaymentStore => ({
  get: async (purchase) => {
    const row = await db.selectFrom("payment").selectAll().where("purchase", "=", purchase).executeTakeFirst();
    return row === undefined ? undefined : paymentOf(row);
  },
  ensure: async (purchase, { prices, trialDays }) => {
    await db
      .insertInto("payment")
      .values({ purchase, prices_json: JSON.stringify(prices), trial_days: trialDays ?? null })
      .onConflict((conflict) => conflict.column("purchase").doNothing())
      .execute();
  },
  open: async (purchase, { customer, session, url }) => {
    await db
      .updateTable("payment")
      .set({ customer, session, session_url: url })
      .where("purchase", "=", purchase)
      .where("paid_at", "is", null)
      .execute();
  },
  markPaid: async (purchase, { subscription, customer, at }) => {
    const { numUpdatedRows } = await db
      .updateTable("payment")
      .set({ subscription, customer, paid_at: at, lapsed_at: null })
      .where("purchase", "=", purchase)
      .where("paid_at", "is", null)
      .executeTakeFirst();
    return Number(numUpdatedRows) > 0;
  },
  markLapsed: async (purchase, session, at) => {
    const { numUpdatedRows } = await db
      .updateTable("payment")
      .set(({ eb }) => ({ lapsed_at: at, round: eb("round", "+", 1), session: null, session_url: null }))
      .where("purchase", "=", purchase)
      .where("session", "=", session)
      .where("paid_at", "is", null)
      .executeTakeFirst();
    return Number(numUpdatedRows) > 0;
  },
  beginTakingBack: async (purchase, at) => {
    await db
      .updateTable("payment")
      .set({ take_back_since: at })
      .where("purchase", "=", purchase)
      .where("take_back_since", "is", null)
      .execute();
  },
  markTakenBack: async (purchase, at) => {
    await db.updateTable("payment").set({ taken_back_at: at }).where("purchase", "=", purchase).execute();
  },
});

const paymentOf = (row: Selectable<Tables["payment"]>): Payment => ({
  purchase: row.purchase,
  prices: parsePrices(row.prices_json),
  trialDays: row.trial_days ?? undefined,
  round: row.round,
  customer: row.customer ?? undefined,
  session: row.session === null || row.session_url === null ? undefined : { id: row.session, url: row.session_url },
  subscription: row.subscription ?? undefined,
  paidAt: row.paid_at ?? undefined,
  lapsedAt: row.lapsed_at ?? undefined,
  takeBackSince: row.take_back_since ?? undefined,
  takenBackAt: row.taken_back_at ?? undefined,
});
