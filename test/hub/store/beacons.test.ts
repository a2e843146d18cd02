import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BeaconStore, createBeaconStore } from "#hub/store/beacons.ts";
import { type Database, openDatabase } from "#hub/store/database.ts";
import { migrate } from "#hub/store/migrate.ts";
import { inventoryOf } from "../test-agent.ts";

let db: Database;
let beacons: BeaconStore;
beforeEach(async () => {
  db = openDatabase(":memory:");
  await migrate(db);
  beacons = createBeaconStore(db, () => 1000);
});
afterEach(() => db.destroy());

const beacon = (id: string, name: string) => ({
  id,
  name,
  domain: `${name}.localhost`,
  email: "ada@example.org",
  provider: "local",
  createdAt: 5,
});

describe("the beacons", () => {
  it("are found by id and name", async () => {
    await beacons.insert({ ...beacon("bcn_1", "ada"), region: "fsn1" });
    expect(await beacons.get("bcn_1")).toMatchObject({ name: "ada", region: "fsn1", owner: undefined });
    expect(await beacons.byName("ada")).toMatchObject({ id: "bcn_1" });
    expect(await beacons.get("bcn_2")).toBeUndefined();
  });

  it("change where they are told to, and nowhere else", async () => {
    await beacons.insert(beacon("bcn_1", "ada"));
    await beacons.insert(beacon("bcn_2", "bob"));
    const inventory = inventoryOf("ada.localhost");
    await beacons.update("bcn_1", { address: "127.0.0.1", inventory, owner: "u1" });
    await beacons.update("bcn_1", {});
    await beacons.update("bcn_1", { owner: null, lastSeenAt: 7 });
    expect(await beacons.get("bcn_1")).toMatchObject({
      address: "127.0.0.1",
      inventory,
      owner: undefined,
      lastSeenAt: 7,
    });
    expect(await beacons.get("bcn_2")).toMatchObject({ address: undefined, inventory: undefined });
  });

  it("say what runs on them, of which nothing is kept that comes when they are gone", async () => {
    const inventory = inventoryOf("ada.localhost");
    const rows = () => db.selectFrom("beacon_inventory").select("beacon").execute();
    await beacons.insert(beacon("bcn_1", "ada"));
    await beacons.insert(beacon("bcn_2", "bob"));
    await beacons.updateAll([{ id: "bcn_1", changes: { inventory, lastSeenAt: 7 } }]);
    expect((await beacons.list()).map((one) => one.inventory)).toEqual([inventory, undefined]);
    await beacons.update("bcn_1", { inventory: null });
    expect(await rows()).toEqual([]);
    await beacons.update("bcn_2", { inventory });
    expect(await rows()).toEqual([{ beacon: "bcn_2" }]);
    await beacons.remove("bcn_2");
    expect(await rows()).toEqual([]);
    await beacons.update("bcn_2", { inventory });
    await beacons.update("bcn_3", { inventory });
    expect(await rows()).toEqual([]);
  });

  it("share no name while they are there, and leave it free when they go", async () => {
    await beacons.insert(beacon("bcn_1", "ada"));
    await expect(beacons.insert(beacon("bcn_2", "ada"))).rejects.toThrow();
    await beacons.update("bcn_1", { publicKey: "key" });
    await beacons.remove("bcn_1");
    await beacons.remove("bcn_1");
    expect(await beacons.get("bcn_1")).toBeUndefined();
    await beacons.insert(beacon("bcn_2", "ada"));
    expect((await beacons.list()).map(({ id }) => id)).toEqual(["bcn_2"]);
    const rows = await db.selectFrom("beacon").select(["id", "removed_at", "public_key"]).orderBy("id").execute();
    expect(rows[0]).toEqual({ id: "bcn_1", removed_at: 1000, public_key: null });
  });
});
