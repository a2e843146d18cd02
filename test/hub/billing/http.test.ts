import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestHub, type TestHub } from "#test/hub/test-hub.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { stripeContract } from "#test/simulators/stripe/stripe.ts";
import { DAY_MS, startShop, type TestShop } from "./shop.ts";

describe.skipIf(!hasContracts())(hasContracts() ? "billing over HTTP" : NO_CONTRACTS, () => {
  const contract = hasContracts() ? stripeContract() : undefined;
  let shop: TestShop;
  beforeEach(async () => {
    shop = await startShop({ contract });
  });
  afterEach(async () => {
    await shop.stop();
    expect(shop.stripe.violations).toEqual([]);
  });

  const owner = () => shop.hub.owner("ada@example.org");

  it("lets forms of ours lead to where customers pay", async () => {
    const { headers } = await shop.hub.client().get("/health");
    expect(headers.get("content-security-policy")).toContain(` ${shop.stripe.url}`);
  });

  it("leads customers to Stripe's portal, where they cancel, and shows their invoices", async () => {
    const { subscription } = await shop.buy("ada");
    const ada = await owner();
    const { invoices } = { invoices: [], ...((await ada.get("/api/billing/invoices")).body ?? {}) };
    expect(invoices).toMatchObject([
      { status: "paid", totalCents: 2999, pdf: expect.stringContaining("/pdf"), url: expect.any(String) },
    ]);
    const { url } = { url: "", ...((await ada.post("/api/billing/portal")).body ?? {}) };
    const form = new URLSearchParams({ subscription: subscription.id, action: "cancel" });
    await fetch(url, { method: "POST", body: form });
    await shop.stripe.webhooks.settled();
    await expect
      .poll(async () => (await ada.get("/api/subscriptions")).body)
      .toMatchObject({ subscriptions: [{ id: subscription.id, endsAt: expect.any(Number) }] });
  });

  it("shows the operator how far a payment has come, and the invoices with it", async () => {
    const operator = await shop.hub.operator();
    const paymentOf = async (purchase: string) => (await operator.get(`/api/purchases/${purchase}/payment`)).body;
    const { purchase: waiting } = await shop.order("grace");
    expect(await paymentOf(waiting)).toEqual({ state: "open" });
    const { purchase, subscription } = await shop.buy("ada");
    const { id } = subscription;
    const paid = { state: "paid", since: expect.any(Number), subscription: id };
    await expect.poll(() => paymentOf(purchase)).toMatchObject(paid);
    expect((await operator.get(`/api/subscriptions/${id}/invoices`)).body).toMatchObject({
      invoices: [{ status: "paid", totalCents: 2999, pdf: expect.any(String) }],
    });
    expect(await operator.get("/api/subscriptions/sub_of_nobody/invoices")).toMatchObject({ status: 404 });
  });

  it("says what comes next, and what a subscription can be changed to", async () => {
    const { subscription } = await shop.buy("ada");
    const ada = await owner();
    const { body } = await ada.get("/api/subscriptions");
    expect(body).toMatchObject({
      subscriptions: [{ id: subscription.id, next: { what: "invoice", at: subscription.periodEndsAt } }],
      currency: "usd",
      prices: expect.arrayContaining([{ key: "bundle_starter_t1", title: expect.any(String), priceCents: 2999 }]),
    });
  });

  it("shows nobody what is not theirs, and lets nobody change it", async () => {
    const { subscription, purchase } = await shop.buy("ada");
    const eve = await shop.hub.owner("eve@example.org");
    expect((await eve.get("/api/subscriptions")).body).toMatchObject({ subscriptions: [] });
    expect(await eve.get("/api/billing/invoices")).toMatchObject({ status: 404 });
    expect(await eve.post("/api/billing/portal")).toMatchObject({ status: 404 });
    expect(await eve.get(`/api/subscriptions/${subscription.id}/invoices`)).toMatchObject({ status: 404 });
    expect(await eve.get(`/api/purchases/${purchase}/payment`)).toMatchObject({ status: 403 });
    const change = { prices: ["bundle_starter_t2"] };
    expect(await eve.put(`/api/subscriptions/${subscription.id}/prices`, change)).toMatchObject({ status: 404 });
    const credit = { id: "1", cents: 500, reason: "to me" };
    expect(await eve.post(`/api/subscriptions/${subscription.id}/credits`, credit)).toMatchObject({ status: 403 });
    const nobody = shop.hub.client();
    for (const path of ["/api/subscriptions", "/api/billing/invoices"])
      expect((await nobody.get(path)).status).toBe(401);
    expect(await nobody.post("/api/billing/sync", { apply: true })).toMatchObject({ status: 401 });
  });

  it("tells the operator what subscriptions bring, and nobody else", async () => {
    await shop.buy("ada");
    expect(await (await owner()).get("/api/revenue")).toMatchObject({ status: 403 });
    const { status, body } = await (await shop.hub.operator()).get("/api/revenue");
    expect(status).toBe(200);
    const one = { subscriptions: 1, monthlyCents: 2999 };
    expect(body).toMatchObject({
      currencies: [{ currency: "usd", active: one, newThisMonth: one, bundles: [{ bundle: "starter", ...one }] }],
    });
  });

  it("changes what is subscribed to for its owner, and tells the audit log", async () => {
    const { subscription } = await shop.buy("ada");
    const ada = await owner();
    const path = `/api/subscriptions/${subscription.id}/prices`;
    const { status, body } = await ada.put(path, { prices: ["bundle_starter_t2", "addon_bookstack"] });
    expect(status).toBe(200);
    expect(body).toMatchObject({ prices: ["addon_bookstack", "bundle_starter_t2"] });
    expect(await ada.put(path, { prices: ["bundle_starter_t2", "addon_made_up"] })).toMatchObject({ status: 400 });
    const audit = await shop.hub.db
      .selectFrom("audit")
      .select("actor")
      .where("action", "=", "subscription.change")
      .execute();
    expect(audit).toEqual([{ actor: "ada@example.org" }]);
  });

  it("credits a customer once, however often the operator asks", async () => {
    const { subscription } = await shop.buy("ada");
    const operator = await shop.hub.operator();
    for (let time = 0; time < 3; time += 1) {
      const credit = { id: "outage-7", cents: 500, reason: "The outage of Tuesday" };
      expect((await operator.post(`/api/subscriptions/${subscription.id}/credits`, credit)).status).toBe(202);
    }
    const balance = () => shop.stripe.world.customers.all()[0]?.balance;
    await expect.poll(balance).toBe(-500);
    for (const other of [
      { cents: 700, reason: "The outage of Tuesday" },
      { cents: 500, reason: "A present" },
    ]) {
      expect(
        await operator.post(`/api/subscriptions/${subscription.id}/credits`, { id: "outage-7", ...other }),
      ).toMatchObject({ status: 409, body: { code: "conflict", hint: expect.stringContaining("another id") } });
    }
    const credits = await shop.hub.db
      .selectFrom("audit")
      .select("details_json")
      .where("action", "=", "subscription.credit")
      .execute();
    expect(credits).toHaveLength(1);
  });

  it("reminds by mail, and has the beacon suspended", async () => {
    const { purchase } = await shop.buy("ada", { card: "later" });
    await shop.delivered(purchase);
    await shop.pass(32 * DAY_MS);
    const subjects = async () =>
      (await shop.hub.db.selectFrom("mail").select("subject").execute()).map(({ subject }) => subject);
    await expect.poll(subjects).toContain("The payment for your beacon ada did not go through");
    const { text } = await shop.hub.db
      .selectFrom("mail")
      .select("text")
      .where("subject", "=", "The payment for your beacon ada did not go through")
      .executeTakeFirstOrThrow();
    expect(text).toContain(`${shop.stripe.url}/i/`);
    expect(text).toMatch(/suspended\s+on\s+\d/);
    await shop.pass(8 * DAY_MS);
    await expect.poll(subjects).toContain("Your beacon ada is suspended");
    const audit = await shop.hub.db.selectFrom("audit").selectAll().where("actor", "=", "billing").execute();
    expect(audit.map(({ action }) => action)).toEqual(["beacon.suspend"]);
  });

  it("shows what a sync would do, and then does it", async () => {
    const operator = await shop.hub.operator();
    const [price] = shop.stripe.world.prices.all();
    if (price !== undefined) price.unit_amount = 1;
    const { body } = await operator.post("/api/billing/sync", { apply: false });
    expect(body).toMatchObject({ steps: [expect.stringContaining("not 0.01 USD"), expect.any(String)] });
    expect(price?.active).toBe(true);
    await operator.post("/api/billing/sync", { apply: true });
    expect(price?.active).toBe(false);
    expect((await operator.post("/api/billing/sync", { apply: false })).body).toEqual({ steps: [] });
  });

  it("tells an operator whose key is wrong what to do, and never the key", async () => {
    shop.stripe.fail(/^GET \/products/, {
      kind: "answer",
      status: 401,
      body: { error: { type: "invalid_request_error", message: "Invalid API Key provided" } },
    });
    const { status, body } = await (await shop.hub.operator()).post("/api/billing/sync", { apply: false });
    expect(status).toBe(502);
    expect(body).toMatchObject({ code: "billing_refused", hint: expect.stringContaining("secretKeyFile") });
    expect(JSON.stringify(body)).not.toContain("sk_test");
  });
});

describe("a hub that sells nothing", () => {
  let hub: TestHub;
  beforeEach(async () => {
    hub = await startTestHub();
  });
  afterEach(() => hub.stop());

  it("goes on without Stripe: orders are paid by being placed, the rest says so", async () => {
    const operator = await hub.operator();
    const order = { email: "ada@example.org", beacon: "ada", modules: ["page"] };
    expect(await operator.post("/api/orders", { ...order, prices: ["bundle_starter_t1"] })).toMatchObject({
      status: 409,
      body: { hint: "Set billing.stripe in its configuration." },
    });
    expect((await operator.post("/api/orders", order)).status).toBe(202);
    expect((await operator.get("/api/subscriptions")).body).toEqual({ subscriptions: [], prices: [] });
    expect((await operator.get("/api/purchases/pur_00000001/payment")).body).toEqual({ state: "none" });
    expect(await operator.post("/api/webhooks/stripe", {})).toMatchObject({ status: 409 });
    expect(await operator.post("/api/billing/sync", { apply: true })).toMatchObject({ status: 409 });
  });
});
