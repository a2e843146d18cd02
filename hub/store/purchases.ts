import type { Selectable } from "kysely";
import { z } from "zod";
import { TierId } from "#shared/catalog/catalog.ts";
import { PriceLine } from "#shared/catalog/selection.ts";
import { Timestamp } from "#shared/names.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./schema.ts";

/** What somebody bought in the shop, at the prices of that moment. */
export const Sale = z.strictObject({
  bundle: z.string(),
  tier: TierId,
  /** The tier whose server it needs. */
  server: TierId,
  addOns: z.array(z.string()),
  /** Id of the room for data that was bought on top of the tier's. */
  storage: z.string().exactOptional(),
  /** Room for data in all. */
  storageGb: z.number().int(),
  currency: z.string(),
  lines: z.array(PriceLine),
  awaits: z.enum(["payment", "approval"]),
  /** When whoever has neither paid nor been let in gives the name back. */
  expiresAt: Timestamp,
  /** Hash of what the buyer's browser shows to be the buyer's. */
  cart: z.string(),
});
export type Sale = z.output<typeof Sale>;

/** What somebody asked for, as it was asked: never changed afterwards, but for the approval and for whose it is. */
export interface Purchase {
  readonly id: string;
  /** Of its owner. */
  readonly email: string;
  readonly beaconName: string;
  /** Apps on top of the core modules. */
  readonly modules: readonly string[];
  readonly region: string | undefined;
  /** Who placed the order. */
  readonly actor: string;
  readonly createdAt: number;
  /** Of what was bought in the shop. */
  readonly sale?: Sale | undefined;
  /** When an operator let it pass without a payment. */
  readonly approvedAt?: number | undefined;
}

export interface PurchaseStore {
  insert(purchase: Purchase): Promise<void>;
  get(id: string): Promise<Purchase | undefined>;
  /** Notes that an operator let it pass; the first time counts. */
  approve(id: string, at: number): Promise<void>;
  /** It is somebody else's from now on. */
  handOver(id: string, email: string): Promise<void>;
  /** The beacon that was made for it, also one that is not there any more. */
  beaconOf(id: string): Promise<string | undefined>;
  /** The purchase for which a beacon was made. */
  ofBeacon(beacon: string): Promise<string | undefined>;
}

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
        sale_json: purchase.sale === undefined ? null : JSON.stringify(purchase.sale),
        approved_at: purchase.approvedAt ?? null,
      })
      .execute();
  },
  handOver: async (id, email) => {
    await db.updateTable("purchase").set({ email }).where("id", "=", id).execute();
  },
  beaconOf: async (id) => {
    const job = db.selectFrom("job").select("beacon").where("purchase", "=", id).where("beacon", "is not", null);
    return (await job.executeTakeFirst())?.beacon ?? undefined;
  },
  ofBeacon: async (beacon) => {
    const job = db.selectFrom("job").select("purchase").where("beacon", "=", beacon);
    return (await job.executeTakeFirst())?.purchase;
  },
  get: async (id) => {
    const row = await db.selectFrom("purchase").selectAll().where("id", "=", id).executeTakeFirst();
    return row === undefined ? undefined : purchaseOf(row);
  },
  approve: async (id, at) => {
    await db
      .updateTable("purchase")
      .set({ approved_at: at })
      .where("id", "=", id)
      .where("approved_at", "is", null)
      .execute();
  },
});

export const purchaseOf = (row: Selectable<Tables["purchase"]>): Purchase => ({
  id: row.id,
  email: row.email,
  beaconName: row.beacon_name,
  modules: z.array(z.string()).parse(JSON.parse(row.modules_json)),
  region: row.region ?? undefined,
  actor: row.actor,
  createdAt: row.created_at,
  sale: row.sale_json === null ? undefined : Sale.parse(JSON.parse(row.sale_json)),
  approvedAt: row.approved_at ?? undefined,
});
