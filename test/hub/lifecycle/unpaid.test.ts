import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LifecycleJobView } from "#shared/api/lifecycle.ts";
import { DAY_MS, startShop, type TestShop } from "#test/hub/billing/shop.ts";
import type { TestClient } from "#test/hub/test-client.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { payInvoice } from "#test/simulators/stripe/invoicing.ts";
import { stripeContract } from "#test/simulators/stripe/stripe.ts";

describe.skipIf(!hasContracts())(hasContracts() ? "a beacon and what is paid for it" : NO_CONTRACTS, () => {
  const contract = hasContracts() ? stripeContract() : undefined;
  let shop: TestShop;
  let operator: TestClient;
  beforeEach(async () => {
    shop = await startShop({ contract });
    operator = await shop.hub.operator();
  });
  afterEach(async () => {
    await shop.stop();
    expect(shop.stripe.violations).toEqual([]);
  });

  const jobs = async (beacon: string) => {
    const { body } = await operator.get(`/api/lifecycle?beacon=${beacon}`);
    return LifecycleJobView.array().parse({ jobs: [], ...(body ?? {}) }.jobs);
  };
  const changes = async (beacon: string) =>
    (await jobs(beacon)).map(({ change, state, actor }) => `${actor} ${change.change} ${state}`);
  const subjects = async () => {
    const rows = await shop.hub.db.selectFrom("mail").select("subject").execute();
    return rows.map(({ subject }) => subject).filter((subject) => !subject.includes("payment"));
  };

  it("is suspended, comes back when it is paid, and is deleted when it is not, each told once", async () => {
    const { purchase, subscription } = await shop.buy("ada", { card: "later" });
    const beacon = await shop.delivered(purchase);
    await shop.pass(32 * DAY_MS);
    await shop.pass(8 * DAY_MS);
    await expect.poll(() => changes(beacon)).toEqual(["billing suspend running"]);
    await expect.poll(async () => (await jobs(beacon))[0]?.waitingFor).toBe("ada to come online");
    expect((await shop.hub.beacons.get(beacon))?.suspendedAt).toBeDefined();
    await expect.poll(subjects).toContain("Your beacon ada is suspended");

    const { world } = shop.stripe;
    const refused = [...world.refusedCards];
    world.refusedCards.clear();
    for (const invoice of world.invoices.all()) if (invoice.status === "open") payInvoice(world, invoice);
    await shop.pass(1_000);
    await expect.poll(() => changes(beacon)).toEqual(["billing resume running", "billing suspend cancelled"]);

    for (const card of refused) world.refusedCards.add(card);
    await shop.pass(32 * DAY_MS);
    await shop.pass(8 * DAY_MS);
    await expect.poll(async () => (await changes(beacon))[0]).toBe("billing suspend running");
    await shop.pass(31 * DAY_MS);
    await expect.poll(async () => (await changes(beacon))[0], { timeout: 30_000 }).toBe("billing delete done");
    expect(await shop.hub.beacons.get(beacon)).toBeUndefined();
    expect(world.subscriptions.get(subscription.id).status).toBe("canceled");
    await expect.poll(subjects).toContain("Your beacon ada was deleted");
    await shop.pass(60 * DAY_MS);
    expect((await subjects()).filter((subject) => subject.includes("deleted"))).toHaveLength(1);
  });

  it("is not charged for any more once an operator has deleted it, and nobody is told that it is suspended", async () => {
    const { purchase, subscription } = await shop.buy("ada");
    const beacon = await shop.delivered(purchase);
    const before = await subjects();
    const { status } = await operator.post(`/api/beacons/${beacon}/lifecycle`, { change: "delete", confirm: "ada" });
    expect(status).toBe(202);
    await expect.poll(() => changes(beacon), { timeout: 30_000 }).toEqual(["operator@example.org delete done"]);
    expect(shop.stripe.world.subscriptions.get(subscription.id).status).toBe("canceled");
    const invoices = shop.stripe.world.invoices.all().length;
    await shop.pass(70 * DAY_MS);
    expect(shop.stripe.world.invoices.all()).toHaveLength(invoices);
    expect(await subjects()).toEqual([...before, "Your beacon ada was deleted"]);
    expect(
      (await shop.hub.owner("ada@example.org").then((ada) => ada.get("/api/billing/invoices"))).body,
    ).toMatchObject({
      invoices: [{ status: "paid" }],
    });
    // The name is free again.
    expect((await shop.order("ada")).job).toMatch(/^job_/);
  });

  it("is billed to whom it was given to, as long as that is nobody else's concern", async () => {
    const { purchase, subscription } = await shop.buy("ada");
    const beacon = await shop.delivered(purchase);
    const body = { change: "transfer", email: "eve@example.org", confirm: "ada" };
    expect((await operator.post(`/api/beacons/${beacon}/lifecycle`, body)).status).toBe(202);
    await expect.poll(() => changes(beacon)).toEqual(["operator@example.org transfer done"]);
    const [customer] = shop.stripe.world.customers.all();
    expect(customer?.email).toBe("eve@example.org");
    const eve = await shop.hub.owner("eve@example.org");
    expect((await eve.get("/api/subscriptions")).body).toMatchObject({ subscriptions: [{ id: subscription.id }] });
    expect((await eve.get("/api/billing/invoices")).body).toMatchObject({ invoices: [{ status: "paid" }] });
    const ada = await shop.hub.owner("ada@example.org");
    expect((await ada.get("/api/subscriptions")).body).toMatchObject({ subscriptions: [] });
    expect((await ada.get("/api/beacons")).body).toEqual({ beacons: [] });
    await expect.poll(subjects).toContain("The beacon ada is yours");
  });

  it("says so when bills cannot follow, because the customer pays for another beacon too", async () => {
    const { purchase } = await shop.buy("ada");
    const beacon = await shop.delivered(purchase);
    const other = await shop.order("bob", undefined, "ada@example.org");
    await shop.submit(await shop.checkout(other.purchase));
    await expect.poll(async () => (await shop.subscription(other.purchase))?.status).toBe("active");
    const body = { change: "transfer", email: "eve@example.org", confirm: "ada" };
    await operator.post(`/api/beacons/${beacon}/lifecycle`, body);
    await expect.poll(() => changes(beacon)).toEqual(["operator@example.org transfer done"]);
    const [{ events } = { events: [] }] = await jobs(beacon);
    expect(events.find(({ step }) => step === "bills")?.message).toContain("cannot move to another customer");
    expect(shop.stripe.world.customers.all().map(({ email }) => email)).toEqual(["ada@example.org"]);
  });
});
