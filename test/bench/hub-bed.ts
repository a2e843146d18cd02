import { generateKeyPairSync } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createBeaconStore } from "#hub/store/beacons.ts";
import { createCommandStore } from "#hub/store/commands.ts";
import { type Database, openDatabase } from "#hub/store/database.ts";
import { migrate } from "#hub/store/migrate.ts";
import type { HubClient } from "#scripts/demo/hub-client.ts";
import { type HubProcess, startHub } from "#scripts/demo/hub-process.ts";
import { setUpOperator } from "#scripts/demo/operator.ts";
import { choosePlace } from "#scripts/demo/place.ts";
import { rawPublicKey } from "#shared/protocol/signing.ts";
import { HUB_CORE, pin } from "./fleet.ts";
import type { FleetSettings } from "./fleet-settings.ts";

/** Name of the commands that all agents have begun. */
const BATCH = "herd0000";
const root = join(import.meta.dirname, "../..");

/** A hub as it is installed, on a core of its own, that knows a fleet with one key for all of it. */
export interface HubBed {
  readonly client: HubClient;
  readonly beacons: readonly string[];
  readonly databaseFile: string;
  /** Of its agents, but for how they report. */
  readonly fleet: Pick<FleetSettings, "port" | "origin" | "privateKey" | "beacons" | "begun">;
  hub(): HubProcess;
  start(): Promise<HubProcess>;
  /** Works on the database of a hub that is stopped. */
  withDatabase<Result>(work: (db: Database) => Promise<Result>): Promise<Result>;
  remove(): Promise<void>;
}

export async function makeHubBed(agents: number): Promise<HubBed> {
  const place = await choosePlace(root, "check");
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const beacons = Array.from({ length: agents }, (_beacon, index) => `bcn_${String(index).padStart(12, "0")}`);
  const databaseFile = join(place.folder, "hub", "hub.sqlite");
  let hub = await startHub({ root, place, mirror: undefined });
  const start = async () => {
    hub = await startHub({ root, place, mirror: undefined });
    await pin(hub, HUB_CORE);
    return hub;
  };
  const withDatabase: HubBed["withDatabase"] = async (work) => {
    const db = openDatabase(databaseFile);
    try {
      return await work(db);
    } finally {
      await db.destroy();
    }
  };
  const client = await setUpOperator(hub, place);
  await hub.stop();
  await withDatabase(async (db) => {
    await insert(db, beacons, rawPublicKey(publicKey));
    await insertBegun(db, beacons);
  });
  return {
    client,
    beacons,
    databaseFile,
    fleet: {
      port: place.hubPort,
      origin: hub.url,
      privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      beacons,
      begun: BATCH,
    },
    hub: () => hub,
    start,
    withDatabase,
    remove: async () => {
      await hub.stop();
      rmSync(place.folder, { recursive: true, force: true });
    },
  };
}

async function insert(db: Database, beacons: readonly string[], publicKey: string): Promise<void> {
  await migrate(db);
  const store = createBeaconStore(db, Date.now);
  await Promise.all(
    beacons.map(async (id) => {
      const name = id.slice(4);
      const beacon = { id, name, domain: `${id}.localhost`, email: "a@example.org", provider: "local", createdAt: 0 };
      await store.insert(beacon);
      await store.update(id, { publicKey, enrolledAt: 1 });
    }),
  );
}

/** A command for each beacon, which it has begun. */
async function insertBegun(db: Database, beacons: readonly string[]): Promise<void> {
  const commands = createCommandStore(db);
  const at = Date.now();
  await Promise.all(
    beacons.map(async (beacon, index) => {
      const command = { beacon, name: "module.restart", input: { instance: "none" }, actor: "bench", createdAt: at };
      const id = `cmd_${BATCH}-${index}`;
      await commands.insert({ ...command, id, expiresAt: at + 3_600_000 }, async () => ({
        payload: JSON.stringify({ id }),
        signature: "A".repeat(86),
        key: "none",
      }));
      await commands.markSent(id, at);
      await commands.markAccepted(id, at);
    }),
  );
}

/** How many of those commands have ended as their agents said. */
export async function countDone(db: Database): Promise<number> {
  const done = db.selectFrom("command").select("id").where("state", "=", "done").where("actor", "=", "bench");
  return (await done.execute()).length;
}
