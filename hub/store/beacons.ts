import type { Selectable, Updateable } from "kysely";
import { OwnerNotices } from "#shared/api/alerts.ts";
import { Inventory } from "#shared/inventory.ts";
import { type AuditLine, writeAudit } from "./audit.ts";
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
  /** IPv6 address of the VPS, where it has one. */
  readonly address6: string | undefined;
  /** Raw Ed25519 key of the agent in base64url, once enrolled. */
  readonly publicKey: string | undefined;
  /** A key that takes its place as soon as an agent proves it. */
  readonly nextPublicKey: string | undefined;
  readonly agentVersion: string | undefined;
  readonly inventory: Inventory | undefined;
  readonly createdAt: number;
  readonly enrolledAt: number | undefined;
  readonly lastSeenAt: number | undefined;
  /** Of which alerts its owner gets mails. */
  readonly ownerMail: OwnerNotices["ownerMail"];
  /** When its agent was shut out; `undefined` again once another one has enrolled. */
  readonly revokedAt: number | undefined;
  /** Since when its apps are kept stopped. */
  readonly suspendedAt: number | undefined;
  /** Its owner wants it detached from this hub, and its agent has not said yet that it is. */
  readonly leaving: { readonly since: number; readonly actor: string } | undefined;
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
  readonly [K in keyof Omit<Beacon, "id" | "name" | "createdAt" | "leaving">]?: Exclude<Beacon[K], undefined> | null;
};

/**
 * Removed beacons stay in the table for the books, and are seen by nobody here. A line of the audit log is written with the change that it
 * tells, and not where nothing changed.
 */
export interface BeaconStore {
  /** @throws the database's error when the name is in use. */
  insert(beacon: NewBeacon): Promise<void>;
  get(id: string): Promise<Beacon | undefined>;
  byName(name: string): Promise<Beacon | undefined>;
  list(owner?: string): Promise<Beacon[]>;
  update(id: string, changes: BeaconChanges, line?: AuditLine): Promise<void>;
  /** All of them or none. */
  updateAll(updates: readonly { readonly id: string; readonly changes: BeaconChanges }[]): Promise<void>;
  /** Shuts its agent out for good: its keys and its unused tokens count no more. The beacon stays. */
  revoke(id: string, line: AuditLine): Promise<void>;
  /** Of agents of this beacon that were shut out. */
  revokedKeys(id: string): Promise<string[]>;
  isRevoked(publicKey: string): Promise<boolean>;
  /** Notes a key of its agent that is to take the present one's place. */
  announceKey(id: string, publicKey: string, line: AuditLine): Promise<void>;
  /** The agent has proved the announced key: the one before counts no more. */
  promoteKey(id: string, publicKey: string, line: AuditLine): Promise<void>;
  /** Notes that its owner wants it detached. Asking again changes nothing. */
  wantLeave(id: string, actor: string, line: AuditLine): Promise<void>;
  /** Frees its name and shuts its agent out. */
  remove(id: string): Promise<void>;
}

export function createBeaconStore(db: Database, now: () => number): BeaconStore {
  const present = () =>
    db
      .selectFrom("beacon")
      .leftJoin("beacon_inventory", "beacon_inventory.beacon", "beacon.id")
      .selectAll("beacon")
      .select("beacon_inventory.inventory_json")
      .where("removed_at", "is", null);
  const update = async (writer: Database, id: string, { inventory, ...changes }: BeaconChanges) => {
    if (inventory !== undefined) await putInventory(writer, id, inventory);
    const columns = columnsOf(changes);
    if (Object.keys(columns).length === 0) return 0n;
    const changed = writer.updateTable("beacon").set(columns).where("id", "=", id).where("removed_at", "is", null);
    return (await changed.executeTakeFirst()).numUpdatedRows;
  };
  /** @param work Gives how many rows it has changed. */
  const tell = (line: AuditLine, work: (trx: Database) => Promise<bigint>) =>
    db.transaction().execute(async (trx) => {
      if ((await work(trx)) > 0n) await writeAudit(trx, now(), line);
    });
  /** Its keys are remembered as those of one that was shut out, whatever is stored with it. */
  const shutOut = (id: string, columns: Updateable<Tables["beacon"]>, line?: AuditLine) =>
    db.transaction().execute(async (trx) => {
      const row = await trx
        .selectFrom("beacon")
        .select(["public_key", "next_public_key"])
        .where("id", "=", id)
        .where("removed_at", "is", null)
        .executeTakeFirst();
      if (row === undefined) return;
      const keys = [row.public_key, row.next_public_key].filter((key) => key !== null);
      for (const public_key of keys) {
        const values = { public_key, beacon: id, revoked_at: now() };
        await trx
          .insertInto("revoked_key")
          .values(values)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
      const closed = { public_key: null, next_public_key: null, ...columns };
      await trx.updateTable("beacon").set(closed).where("id", "=", id).execute();
      if (columns.removed_at !== undefined) await putInventory(trx, id, null);
      await trx.deleteFrom("enrolment_token").where("beacon", "=", id).where("used_at", "is", null).execute();
      if (line !== undefined) await writeAudit(trx, now(), line);
    });
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
    update: async (id, changes, line) => {
      if (line === undefined) await db.transaction().execute((trx) => update(trx, id, changes));
      else await tell(line, (trx) => update(trx, id, changes));
    },
    updateAll: (updates) =>
      db.transaction().execute(async (trx) => {
        for (const { id, changes } of updates) await update(trx, id, changes);
      }),
    revoke: (id, line) => shutOut(id, { revoked_at: now() }, line),
    revokedKeys: async (id) => {
      const rows = await db.selectFrom("revoked_key").select("public_key").where("beacon", "=", id).execute();
      return rows.map(({ public_key }) => public_key);
    },
    isRevoked: async (publicKey) => {
      const known = db.selectFrom("revoked_key").select("beacon").where("public_key", "=", publicKey);
      return (await known.executeTakeFirst()) !== undefined;
    },
    announceKey: (id, publicKey, line) =>
      tell(line, async (trx) => {
        const named = trx.updateTable("beacon").set({ next_public_key: publicKey }).where("id", "=", id);
        return (await named.where("public_key", "!=", publicKey).executeTakeFirst()).numUpdatedRows;
      }),
    promoteKey: (id, publicKey, line) =>
      tell(line, async (trx) => {
        const keys = { public_key: publicKey, next_public_key: null };
        const proved = trx.updateTable("beacon").set(keys).where("id", "=", id);
        return (await proved.where("next_public_key", "=", publicKey).executeTakeFirst()).numUpdatedRows;
      }),
    wantLeave: (id, actor, line) =>
      tell(line, async (trx) => {
        const wish = { leaving_since: now(), leaving_actor: actor };
        const wanted = trx.updateTable("beacon").set(wish).where("id", "=", id);
        return (await wanted.where("leaving_since", "is", null).executeTakeFirst()).numUpdatedRows;
      }),
    remove: (id) => shutOut(id, { removed_at: now() }),
  };
}

type Row = Selectable<Tables["beacon"]> & { readonly inventory_json: string | null };

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
  address6: row.address6 ?? undefined,
  publicKey: row.public_key ?? undefined,
  nextPublicKey: row.next_public_key ?? undefined,
  agentVersion: row.agent_version ?? undefined,
  inventory: row.inventory_json === null ? undefined : Inventory.parse(JSON.parse(row.inventory_json)),
  createdAt: row.created_at,
  enrolledAt: row.enrolled_at ?? undefined,
  lastSeenAt: row.last_seen_at ?? undefined,
  ownerMail: OwnerNotices.shape.ownerMail.parse(row.owner_mail),
  revokedAt: row.revoked_at ?? undefined,
  suspendedAt: row.suspended_at ?? undefined,
  leaving: row.leaving_since === null ? undefined : { since: row.leaving_since, actor: row.leaving_actor ?? "" },
});

async function putInventory(writer: Database, beacon: string, inventory: Inventory | null): Promise<void> {
  if (inventory === null) {
    await writer.deleteFrom("beacon_inventory").where("beacon", "=", beacon).execute();
    return;
  }
  const inventory_json = JSON.stringify(inventory);
  await writer
    .insertInto("beacon_inventory")
    .columns(["beacon", "inventory_json"])
    // What a beacon says that is gone from the fleet meanwhile is not kept.
    .expression((of) =>
      of
        .selectFrom("beacon")
        .select(["id", (select) => select.val(inventory_json).as("inventory_json")])
        .where("id", "=", beacon)
        .where("removed_at", "is", null),
    )
    .onConflict((conflict) => conflict.column("beacon").doUpdateSet({ inventory_json }))
    .execute();
}

function columnsOf(changes: Omit<BeaconChanges, "inventory">): Updateable<Tables["beacon"]> {
  const columns = {
    domain: changes.domain ?? undefined,
    email: changes.email ?? undefined,
    owner: changes.owner,
    provider: changes.provider ?? undefined,
    region: changes.region,
    provider_id: changes.providerId,
    address: changes.address,
    address6: changes.address6,
    public_key: changes.publicKey,
    next_public_key: changes.nextPublicKey,
    agent_version: changes.agentVersion,
    enrolled_at: changes.enrolledAt,
    last_seen_at: changes.lastSeenAt,
    owner_mail: changes.ownerMail ?? undefined,
    revoked_at: changes.revokedAt,
    suspended_at: changes.suspendedAt,
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
}
