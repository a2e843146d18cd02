import { z } from "zod";
import type { Database } from "./database.ts";

/** What somebody asked for, as it was asked: never changed afterwards. */
export interface Purchase {
  readonly id: string;
  readonly email: string;
  readonly beaconName: string;
  /** Apps on top of the core modules. */
  readonly modules: readonly string[];
  readonly region: string | undefined;
  /** Who placed the order. */
  readonly actor: string;
  readonly createdAt: number;
}

export interface PurchaseStore {
  insert(purchase: Purchase): Promise<void>;
  get(id: string): Promise<Purchase | undefined>;
}

/** `modules_json` of a purchase. */
export const parseModules = (json: string): string[] => z.array(z.string()).parse(JSON.parse(json));

/** @param db The database, or the transaction in which a purchase and its job are stored together. */
export const createPurchaseStore = (db: Database): PurchaseStore => ({
  insert: async (purchase) => {
    await db
      .insertInto("purchase")
      .values({
        id: purchase.id,
        email: purchase.email,
        beacon_name: purchase.beaconName,
        modules_json: JSON.stringify(purchase.modules),
        region: purchase.region ?? null,
        actor: purchase.actor,
        created_at: purchase.createdAt,
      })
      .execute();
  },
  get: async (id) => {
    const row = await db.selectFrom("purchase").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) return undefined;
    return {
      id: row.id,
      email: row.email,
      beaconName: row.beacon_name,
      modules: parseModules(row.modules_json),
      region: row.region ?? undefined,
      actor: row.actor,
      createdAt: row.created_at,
    };
  },
});
