import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { entitledTo } from "#hub/billing/entitled-to.ts";
import { newId } from "#hub/id.ts";
import { createBeaconLife } from "#hub/lifecycle/beacon-life.ts";
import { createBringTo } from "#hub/lifecycle/bring-to.ts";
import { planFit } from "#hub/lifecycle/plan-fit.ts";
import { createPurchaseStore } from "#hub/store/purchases.ts";
import { defaultCatalog } from "#shared/catalog/default-catalog.ts";
import { diskSeriesName } from "#shared/metrics/sample.ts";
import { ask, BEACON, createWorld, isFinished, untilJob, type World } from "./world.ts";

const GB = 1e9;
const PURCHASE = "purchase_00000001";
let world: World;
let stop: () => Promise<void> = async () => undefined;
let usedBytes: number | undefined;

/** A hub over the world that also takes what billing asks for. */
const openHub = () => {
  const { lifecycle, start, stop: end } = world.boot();
  start();
  stop = end;
  const purchases = createPurchaseStore(world.db);
  const { beacons } = world;
  const newest = async () =>
    usedBytes === undefined ? undefined : { at: 1, values: { [diskSeriesName("/", "used_bytes")]: usedBytes } };
  const bringTo = createBringTo({
    ...{ lifecycle, purchases, beacons, rollups: { newest }, newId },
    market: world.market,
    modules: new Set(["umami", "vaultwarden", "bookstack"]),
  });
  return { lifecycle, bringTo, life: createBeaconLife({ lifecycle, purchases, beacons }) };
};
const entitlement = (from: readonly string[], to: readonly string[]) => ({
  purchase: PURCHASE,
  from: entitledTo(defaultCatalog, from),
  to: entitledTo(defaultCatalog, to),
});

beforeEach(async () => {
  usedBytes = undefined;
  world = await createWorld();
  const bought = { email: "ada@example.org", beaconName: "ada", modules: [], region: undefined, actor: "op" };
  await createPurchaseStore(world.db).insert({ id: PURCHASE, createdAt: 1, ...bought });
  const job = { id: "job_1", purchase: PURCHASE, beacon: BEACON, state: "COMPLETED", wake_at: 1, entered_at: 1 };
  await world.db
    .insertInto("job")
    .values({ ...job, created_at: 1, finished_at: 2 })
    .execute();
});
afterEach(() => stop());

describe("what is paid for", () => {
  it("is the server, the room and the apps of a bundle with what was bought on top", () => {
    const small = entitledTo(defaultCatalog, ["bundle_starter_t1"]);
    const large = entitledTo(defaultCatalog, ["bundle_starter_t3", "addon_bookstack", "storage_200gb"]);
    expect([small.tier, small.storageGb]).toEqual(["t1", 50]);
    expect([large.tier, large.storageGb]).toEqual(["t3", 500]);
    expect(large.modules).toEqual([...small.modules, "bookstack"]);
    expect(entitledTo(defaultCatalog, ["bundle_that_was_t2"])).toEqual({ tier: "t1", storageGb: 0, modules: [] });
  });

  it("resizes the server once, however often it is told", async () => {
    const { lifecycle, bringTo } = openHub();
    const upgrade = entitlement(["bundle_starter_t1"], ["bundle_starter_t2"]);
    await bringTo.check(upgrade);
    await bringTo.bring(upgrade);
    const [job] = await lifecycle.jobs();
    await untilJob(lifecycle, job?.id ?? "", isFinished);
    expect(job).toMatchObject({ change: { change: "resize", tier: "t2" }, actor: "billing" });
    await bringTo.bring(upgrade);
    // Told again after a death, when Stripe has the new price already.
    await bringTo.bring(entitlement(["bundle_starter_t2"], ["bundle_starter_t2"]));
    expect(await lifecycle.jobs()).toHaveLength(1);
    expect(world.vpss.get("vps-1")?.size).toBe("medium");
  });

  it("waits while a job is under way that may be the same, and finds nothing to do afterwards", async () => {
    const { lifecycle, bringTo } = openHub();
    world.online.delete(BEACON);
    const added = entitlement(["bundle_starter_t1"], ["bundle_starter_t2", "addon_bookstack"]);
    expect(await bringTo.bring(added)).toBe(true);
    // As a hub does that died before it could write down that it had asked.
    await expect(bringTo.bring(added)).rejects.toMatchObject({ code: "conflict" });
    world.online.add(BEACON);
    const [job] = await lifecycle.jobs();
    await lifecycle.wake(BEACON);
    await untilJob(lifecycle, job?.id ?? "", isFinished);
    expect(await bringTo.bring(added)).toBe(true);
    expect(await lifecycle.jobs()).toHaveLength(1);
    expect(world.apps.get("bookstack")).toBe("running");
  });

  it("brings add-ons and takes them away, and leaves the server alone", async () => {
    const { lifecycle, bringTo } = openHub();
    const keys = ["bundle_starter_t1"];
    await bringTo.bring(entitlement(keys, [...keys, "addon_bookstack"]));
    await expect.poll(async () => (await lifecycle.jobs())[0]?.state).toBe("done");
    expect(world.apps.get("bookstack")).toBe("running");
    await bringTo.bring(entitlement([...keys, "addon_bookstack"], keys));
    await expect.poll(() => world.apps.has("bookstack")).toBe(false);
    await expect.poll(async () => (await lifecycle.jobs())[0]?.state).toBe("done");
    expect(world.count.resized).toBe(0);
  });

  it("is not less than the data needs", async () => {
    const { bringTo } = openHub();
    usedBytes = 120 * GB;
    const less = entitlement(["bundle_starter_t2"], ["bundle_starter_t1"]);
    await expect(bringTo.check(less)).rejects.toMatchObject({ code: "disk_full" });
    await expect(bringTo.check(entitlement(["bundle_starter_t1"], ["bundle_starter_t2"]))).resolves.toBeUndefined();
    usedBytes = 30 * GB;
    await expect(bringTo.check(less)).resolves.toBeUndefined();
  });

  it("is not changed while something else is done to the beacon, nor asked for of one that is gone", async () => {
    const { lifecycle, bringTo } = openHub();
    world.online.delete(BEACON);
    await ask(lifecycle, { change: "suspend" });
    const upgrade = entitlement(["bundle_starter_t1"], ["bundle_starter_t2"]);
    await expect(bringTo.check(upgrade)).rejects.toMatchObject({ code: "conflict" });
    await world.beacons.remove(BEACON);
    await expect(bringTo.check(upgrade)).resolves.toBeUndefined();
    expect(await bringTo.bring(upgrade)).toBe(false);
    expect(await bringTo.bring({ ...upgrade, purchase: "purchase_none" })).toBe(false);
  });
});

describe("what follows from an unpaid bill", () => {
  it("is one job for each order, and nothing for a beacon that is gone", async () => {
    const { lifecycle, life } = openHub();
    const order = { id: "sub_1 suspend@1", purchase: PURCHASE };
    for (let time = 0; time < 3; time++) await life.suspend(order);
    const [job] = await lifecycle.jobs();
    expect(await lifecycle.jobs()).toHaveLength(1);
    await untilJob(lifecycle, job?.id ?? "", isFinished);
    await life.resume({ id: "sub_1 resume@1", purchase: PURCHASE });
    await expect.poll(() => world.apps.get("vaultwarden")).toBe("running");
    await expect.poll(async () => (await lifecycle.jobs())[0]?.state).toBe("done");
    await life.terminate({ id: "sub_1 terminate@1", purchase: PURCHASE });
    await expect.poll(() => world.beacons.get(BEACON)).toBeUndefined();
    await expect.poll(async () => (await lifecycle.jobs())[0]?.state).toBe("done");
    await life.terminate({ id: "sub_1 terminate@1", purchase: PURCHASE });
    await life.suspend({ id: "sub_1 suspend@2", purchase: PURCHASE });
    expect((await lifecycle.jobs()).map(({ change: { change } }) => change)).toEqual(["delete", "resume", "suspend"]);
    // Billing tells of it itself.
    expect(await world.db.selectFrom("mail").select("subject").execute()).toEqual([]);
  });
});

describe("planFit", () => {
  const fit = { beacon: "ada", modules: ["vaultwarden"], memoryMb: 4096 };
  it("objects to nothing that fits, and names what does not", () => {
    expect(planFit(fit)).toBeUndefined();
    expect(planFit({ ...fit, usedBytes: 50 * GB, storageGb: 50 })).toBeUndefined();
    expect(planFit({ ...fit, usedBytes: 50 * GB + 1, storageGb: 50 })).toMatchObject({ code: "disk_full" });
    expect(planFit({ ...fit, memoryMb: 1024 })).toMatchObject({
      code: "out_of_memory",
      message: expect.stringContaining("1 GB"),
    });
  });
});
