import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "#hub/id.ts";
import { createPaymentStore } from "#hub/store/payments.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { stripeContract } from "#test/simulators/stripe/stripe.ts";
import { DAY_MS, startShop, type TestShop } from "./shop.ts";

describe.skipIf(!hasContracts())(hasContracts() ? "a purchase" : NO_CONTRACTS, () => {
  const contract = hasContracts() ? stripeContract() : undefined;
  let shop: TestShop;
  beforeEach(async () => {
    shop = await startShop({ contract });
  });
  afterEach(async () => {
    await shop.stop();
    expect(shop.stripe.violations).toEqual([]);
  });

  it("waits until it is paid for on Stripe's page, and then goes on", async () => {
    const { job, purchase } = await shop.order("ada");
    await expect.poll(async () => (await shop.job(job)).waitingFor).toBe("the payment");
    const url = await shop.checkout(purchase);
    expect(await (await fetch(url)).text()).toContain("29.99 USD");
    const answer = await shop.submit(url);
    expect(answer.headers.get("location")).toBe(`${shop.hub.url}/order/${purchase}`);
    await expect.poll(async () => (await shop.job(job)).state).not.toBe("PENDING");
    expect(await shop.payment(purchase)).toMatchObject({
      paidAt: expect.any(Number),
      subscription: expect.any(String),
    });
    await expect
      .poll(() => shop.subscription(purchase))
      .toMatchObject({ status: "active", prices: ["bundle_starter_t1"] });
  });

  it("has one checkout however often it is asked for, and none once it is paid", async () => {
    const { purchase } = await shop.order("ada");
    const urls = await Promise.all(Array.from({ length: 5 }, () => shop.checkout(purchase)));
    expect(new Set(urls).size).toBe(1);
    const [url = ""] = urls;
    await shop.submit(url, "declined");
    expect(await shop.checkout(purchase)).toBe(url);
    await shop.submit(url);
    expect(await shop.hub.client().post(`/api/purchases/${purchase}/checkout`)).toMatchObject({ status: 409 });
    expect(shop.stripe.world.subscriptions.all()).toHaveLength(1);
    expect(shop.stripe.world.customers.all()).toHaveLength(1);
  });

  it("takes from the browser which purchase it is, and nothing that it costs", async () => {
    const { purchase } = await shop.order("ada");
    const tampered = await shop.hub
      .client()
      .post(`/api/purchases/${purchase}/checkout`, { prices: ["addon_bookstack"], amount: 1 });
    expect(tampered.status).toBe(200);
    expect(shop.stripe.world.sessions.all()).toMatchObject([{ amount_total: 2999 }]);
    const operator = await shop.hub.operator();
    const order = { email: "a@example.org", beacon: "eve", modules: ["page"], prices: ["bundle_starter_t9"] };
    expect(await operator.post("/api/orders", order)).toMatchObject({ status: 400, body: { code: "invalid_input" } });
    expect(await shop.hub.client().post(`/api/purchases/${newId("purchase")}/checkout`)).toMatchObject({ status: 404 });
  });

  it("is cancelled when its checkout is over, and its name is free again", async () => {
    const { job, purchase } = await shop.order("ada");
    await shop.checkout(purchase);
    await shop.pass(2 * DAY_MS);
    await expect.poll(async () => (await shop.job(job)).state).toBe("CANCELLED");
    await expect.poll(async () => (await shop.job(job)).finishedAt).toBeDefined();
    expect((await shop.order("ada")).job).not.toBe(job);
  });

  it("is given back in full when its job is cancelled, once, and never paid for again", async () => {
    const { job, purchase } = await shop.buy("ada");
    const operator = await shop.hub.operator();
    await operator.post(`/api/jobs/${job}/cancel`);
    await expect.poll(async () => (await shop.payment(purchase)).takenBackAt).toBeDefined();
    expect(shop.stripe.world.refunds.all()).toMatchObject([{ amount: 2999 }]);
    expect(shop.stripe.world.subscriptions.all()).toMatchObject([{ status: "canceled" }]);
    const mails = await shop.hub.db.selectFrom("mail").select("subject").execute();
    expect(mails.map(({ subject }) => subject)).toContain(
      "Your beacon ada could not be delivered: you get your money back",
    );
  });

  it("that is cancelled before it is paid for cannot be paid for any more", async () => {
    const { job, purchase } = await shop.order("ada");
    const url = await shop.checkout(purchase);
    await (await shop.hub.operator()).post(`/api/jobs/${job}/cancel`);
    await expect.poll(async () => (await shop.payment(purchase)).takenBackAt).toBeDefined();
    expect((await shop.submit(url)).status).toBe(400);
    expect(shop.stripe.world.subscriptions.all()).toEqual([]);
  });

  it("that is paid for after it was called off is given back by itself, and does not go on", async () => {
    const { job, purchase } = await shop.order("ada");
    const url = await shop.checkout(purchase);
    await createPaymentStore(shop.hub.db).beginTakingBack(purchase, shop.hub.now());
    await shop.submit(url);
    await expect.poll(() => shop.stripe.world.refunds.all()).toMatchObject([{ amount: 2999 }]);
    await expect.poll(async () => (await shop.payment(purchase)).takenBackAt).toBeDefined();
    expect((await shop.job(job)).state).toBe("PENDING");
    await shop.pass(8 * DAY_MS);
    expect(await shop.hub.db.selectFrom("subscription_action").selectAll().execute()).toEqual([]);
  });

  it("without a price needs no payment", async () => {
    const operator = await shop.hub.operator();
    const order = { email: "gift@example.org", beacon: "gift", modules: ["page"] };
    const { status, body } = await operator.post("/api/orders", order);
    expect(status).toBe(202);
    const { id } = { id: "", ...(typeof body === "object" ? body : {}) };
    await expect.poll(async () => (await shop.job(id)).state).not.toBe("PENDING");
  });
});
