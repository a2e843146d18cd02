import type { Selectable, Updateable } from "kysely";
import { OwnerNotices } from "#shared/api/alerts.ts";
import { Inventory } from "#shared/inventory.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./schema.ts";

/** A beacon as the hub knows it. Times are milliseconds since the epoch. */
export interface Beacon {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
  readonly email: string;
  /** Id of the account that owns it. */
  readonly owner: string | undefined;
  readonly provider: string;
  readonly region: string | undefined;
  /** The provider's id of the VPS. */
  readonly providerId: string | undefined;
  readonly address: string | undefined;
  /** Raw Ed25519 key of the agent in base64url, once enrolled. */
  readonly publicKey: string | undefined;
  readonly agentVersion: string | undefined;
  readonly inventory: Inventory | undefined;
  readonly createdAt: number;
  readonly enrolledAt: number | undefined;
  readonly lastSeenAt: number | undefined;
  /** Of which alerts its owner gets mails. */
  readonly ownerMail: OwnerNotices["ownerMail"];
}

export interface NewBeacon {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
  readonly email: string;
  readonly owner?: string | undefined;
  readonly provider: string;
  readonly region?: string | undefined;
  readonly createdAt: number;
}

/** What may change in a beacon. `undefined` leaves it as it is, `null` takes it away. */
export type BeaconChanges = {
  readonly [K in keyof Omit<Beacon, "id" | "name" | "createdAt">]?: Exclude<Beacon[K], undefined> | null;
};

/** Removed beacons stay in the table for the books, and are seen by nobody here. */
export interface BeaconStore {
  /** @throws the database's error when the name is in use. */
  insert(beacon: NewBeacon): Promise<void>;
  get(id: string): Promise<Beacon | undefined>;
  byName(name: string): Promise<Beacon | undefined>;
  list(owner?: string): Promise<Beacon[]>;
  update(id: string, changes: BeaconChanges): Promise<void>;
  /** All of them or none. */
  updateAll(updates: readonly { readonly id: string; readonly changes: BeaconChanges }[]): Promise<void>;
  /** Frees its name and shuts its agent out. */
  remove(id: string): Promise<void>;
}

export function createBeaconStore(db: Database, now: () => number): BeaconStore {
  const present = () => db.selectFrom("beacon").selectAll().where("removed_at", "is", null);
  const update = async (writer: Pick<Database, "updateTable">, id: string, changes: BeaconChanges) => {
    const columns = columnsOf(changes);
    if (Object.keys(columns).length === 0) return;
    await writer.updateTable("beacon").set(columns).where("id", "=", id).execute();
  };
  return {
    insert: async (beacon) => {
      const { createdAt, owner, region, ...same } = beacon;
      await db
        .insertInto("beacon")
        .values({ ...same, owner: owner ?? null, region: region ?? null, created_at: createdAt })
        .execute();
    },
    get: async (id) => fromRow(await present().where("id", "=", id).executeTakeFirst()),
    byName: async (name) => fromRow(await present().where("name", "=", name).executeTakeFirst()),
    list: async (owner) => {
      const rows = await present()
        .$if(owner !== undefined, (query) => query.where("owner", "=", owner ?? ""))
        .orderBy("name")
        .execute();
      return rows.map(beaconOf);
    },
    update: (id, changes) => update(db, id, changes),
    updateAll: (updates) =>
      db.transaction().execute(async (trx) => {
        for (const { id, changes } of updates) await update(trx, id, changes);
      }),
    remove: async (id) => {
      await db
        .updateTable("beacon")
        .set({ removed_at: now(), public_key: null })
        .where("id", "=", id)
        .where("removed_at", "is", null)
        .execute();
    },
  };
}

type Row = Selectable<Tables["beacon"]>;

const fromRow = (row: Row | undefined) => (row === undefined ? undefined : beaconOf(row));

const beaconOf = (row: Row): Beacon => ({
  id: row.id,
  name: row.name,
  domain: row.domain,
  email: row.email,
  owner: row.owner ?? undefined,
  provider: row.provider,
  region: row.region ?? undefined,
  providerId: row.provider_id ?? undefined,
  address: row.address ?? undefined,
  publicKey: row.public_key ?? undefined,
  agentVersion: row.agent_version ?? undefined,
  inventory: row.inventory_json === null ? undefined : Inventory.parse(JSON.parse(row.inventory_json)),
  createdAt: row.created_at,
  enrolledAt: row.enrolled_at ?? undefined,
  lastSeenAt: row.last_seen_at ?? undefined,
  ownerMail: OwnerNotices.shape.ownerMail.parse(row.owner_mail),
});

function columnsOf(changes: BeaconChanges): Updateable<Tables["beacon"]> {
  const { inventory } = changes;
  const columns = {
    domain: changes.domain ?? undefined,
    email: changes.email ?? undefined,
    owner: changes.owner,
    provider: changes.provider ?? undefined,
    region: changes.region,
    provider_id: changes.providerId,
    address: changes.address,
    public_key: changes.publicKey,
    agent_version: changes.agentVersion,
    inventory_json: inventory === undefined || inventory === null ? inventory : JSON.stringify(inventory),
    enrolled_at: changes.enrolledAt,
    last_seen_at: changes.lastSeenAt,
    owner_mail: changes.ownerMail ?? undefined,
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
}
