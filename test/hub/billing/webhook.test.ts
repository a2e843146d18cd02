import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { stripeContract } from "#test/simulators/stripe/stripe.ts";
import { signatureOf } from "#test/simulators/stripe/webhooks.ts";
import { startShop, type TestShop, WEBHOOK_SECRET } from "./shop.ts";

describe.skipIf(!hasContracts())(hasContracts() ? "what Stripe tells" : NO_CONTRACTS, () => {
  const contract = hasContracts() ? stripeContract() : undefined;
  let shop: TestShop;
  beforeEach(async () => {
    shop = await startShop({ contract });
  });
  afterEach(async () => {
    await shop.stop();
    expect(shop.stripe.violations).toEqual([]);
  });

  const event = (id = "evt_forged") =>
    JSON.stringify({
      id,
      type: "checkout.session.completed",
      created: 1,
      data: { object: { object: "checkout.session", id: "cs_1" } },
    });
  const post = (payload: string, signature?: string) =>
    fetch(`${shop.hub.url}/api/webhooks/stripe`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(signature === undefined ? {} : { "stripe-signature": signature }),
      },
      body: payload,
    });
  const seconds = () => Math.floor(shop.hub.now() / 1000);
  const stored = () => shop.hub.db.selectFrom("stripe_event").selectAll().execute();
  const looks = (path: RegExp) => shop.stripe.requests.filter((one) => path.test(`${one.method} ${one.path}`)).length;

  it("is refused when it is forged, changed, old or not signed, and nothing of it is stored", async () => {
    const payload = event();
    const good = signatureOf(payload, seconds(), [WEBHOOK_SECRET]);
    const refused = [
      await post(payload),
      await post(payload, "t=1,v1=00"),
      await post(payload, signatureOf(payload, seconds(), ["whsec_other"])),
      await post(`${payload} `, good),
      await post(payload, signatureOf(payload, seconds() - 400, [WEBHOOK_SECRET])),
      await post(payload, good.replace("v1=", "v0=")),
    ];
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 401]);
    expect(await refused[0]?.json()).toMatchObject({ code: "signature_invalid" });
    expect(await stored()).toEqual([]);
    expect((await post(payload, good)).status).toBe(200);
    expect(await stored()).toHaveLength(1);
  });

  it("is refused when a signature that was right comes back after five minutes", async () => {
    const payload = event();
    const signature = signatureOf(payload, seconds(), [WEBHOOK_SECRET]);
    shop.hub.advance(301_000);
    expect((await post(payload, signature)).status).toBe(401);
  });

  it("counts under the former secret and the new one while they change", async () => {
    writeFileSync(shop.secretsFile, `whsec_new\n${WEBHOOK_SECRET}\n`);
    await shop.hub.restart();
    for (const [index, secrets] of [[WEBHOOK_SECRET], ["whsec_new"], ["whsec_unknown", "whsec_new"]].entries()) {
      const payload = event(`evt_${index}`);
      expect((await post(payload, signatureOf(payload, seconds(), secrets))).status).toBe(200);
    }
    expect(await stored()).toHaveLength(3);
  });

  it("is handled once per event, however often it comes", async () => {
    shop.stripe.webhooks.behave({ copies: 3 });
    const { purchase } = await shop.buy("ada");
    await shop.stripe.webhooks.settled();
    await expect.poll(async () => (await stored()).every((one) => one.handled_at !== null)).toBe(true);
    const before = looks(/GET \/(checkout|subscriptions)/);
    for (const one of shop.stripe.world.events.all()) expect(await shop.stripe.webhooks.resend(one)).toBe(200);
    expect(looks(/GET \/(checkout|subscriptions)/)).toBe(before);
    const ids = (await stored()).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(await shop.payment(purchase)).toMatchObject({ paidAt: expect.any(Number) });
  });

  it("may come in any order", async () => {
    shop.stripe.webhooks.behave({ isReversed: true, copies: 2 });
    const { subscription } = await shop.buy("ada", { card: "later" });
    expect(subscription.status).toBe("active");
    // What is not delivered in its time is given back.
    await shop.delivered(subscription.purchase);
    await shop.pass(32 * 24 * 3_600_000);
    await expect.poll(async () => (await shop.subscription(subscription.purchase))?.status).toBe("past_due");
  });

  it("is asked for when it never came", async () => {
    shop.stripe.webhooks.behave({ lose: () => true });
    const { job, purchase } = await shop.order("ada");
    await shop.submit(await shop.checkout(purchase));
    await shop.stripe.webhooks.settled();
    expect(shop.stripe.webhooks.answers).toEqual([]);
    await shop.hub.restart();
    await expect.poll(async () => (await shop.job(job)).state).not.toBe("PENDING");
  });

  it("waits for a hub that is down, and for a Stripe that does not answer", async () => {
    const { job, purchase } = await shop.order("ada");
    const url = await shop.checkout(purchase);
    shop.stripe.fail(/^GET \/checkout\/sessions/, ...Array.from({ length: 4 }, () => ({ kind: "refused" }) as const));
    await shop.hub.halt();
    shop.stripe.webhooks.behave({ lose: () => true });
    await shop.submit(url);
    await shop.hub.restart();
    await expect.poll(async () => (await shop.job(job)).state, { timeout: 30_000 }).not.toBe("PENDING");
    expect(shop.stripe.faultsLeft).toBe(0);
  });

  it("is taken at its word when it says what stays so: who has paid waits for no answer of Stripe's", async () => {
    const { job, purchase } = await shop.order("ada");
    const url = await shop.checkout(purchase);
    const faults = Array.from({ length: 100 }, () => ({ kind: "refused" }) as const);
    shop.stripe.fail(/^GET \/checkout\/sessions/, ...faults);
    await shop.submit(url);
    await expect.poll(async () => (await shop.job(job)).state).not.toBe("PENDING");
    expect(shop.stripe.faultsLeft).toBe(faults.length);
    expect(await shop.payment(purchase)).toMatchObject({ customer: expect.stringMatching(/^cus_/) });
    await expect
      .poll(async () => (await stored()).find(({ type }) => type === "checkout.session.completed")?.handled_at)
      .toEqual(expect.any(Number));
    shop.stripe.calm();
  });

  it("is not taken at its word when it was stored by a hub that died: Stripe is asked", async () => {
    const { job, purchase } = await shop.order("ada");
    const url = await shop.checkout(purchase);
    shop.stripe.webhooks.behave({ lose: () => true });
    await shop.submit(url);
    await shop.hub.halt();
    const { session } = await shop.payment(purchase);
    const values = { id: "evt_of_the_dead", type: "checkout.session.completed", target: `session ${session?.id}` };
    const at = { created_at: shop.hub.now(), received_at: shop.hub.now(), retry_at: shop.hub.now() };
    await shop.hub.db
      .insertInto("stripe_event")
      .values({ ...values, ...at })
      .execute();
    const before = looks(/GET \/checkout/);
    await shop.hub.restart();
    await expect.poll(async () => (await shop.job(job)).state, { timeout: 30_000 }).not.toBe("PENDING");
    expect(looks(/GET \/checkout/)).toBeGreaterThan(before);
    await expect.poll(async () => (await stored()).every((one) => one.handled_at !== null)).toBe(true);
  });

  it("of things that are none of ours is stored and left alone", async () => {
    const { world } = shop.stripe;
    const price = world.prices.all()[0];
    const customer = world.customers.make({ email: "else@example.org", balance: 0 });
    const { subscribe } = await import("#test/simulators/stripe/subscribing.ts");
    if (price !== undefined) {
      subscribe(world, { customer: customer.id, items: [{ price, quantity: 1 }], card: null, metadata: {} });
    }
    await shop.stripe.webhooks.settled();
    await expect.poll(async () => (await stored()).length).toBeGreaterThan(2);
    await expect.poll(async () => (await stored()).every((one) => one.handled_at !== null)).toBe(true);
    expect(await shop.hub.db.selectFrom("subscription").selectAll().execute()).toEqual([]);
  });

  it("of fifty purchases at once reaches all fifty", async () => {
    const orders = [];
    for (let index = 0; index < 50; index += 1) orders.push(await shop.order(`beacon-${index}`));
    const urls = await Promise.all(orders.map(({ purchase }) => shop.checkout(purchase)));
    shop.stripe.webhooks.behave({ copies: 2, isReversed: true });
    await Promise.all(urls.map((url) => shop.submit(url)));
    for (const { job } of orders)
      await expect.poll(async () => (await shop.job(job)).state, { timeout: 100_000 }).not.toBe("PENDING");
    const subscriptions = await shop.hub.db.selectFrom("subscription").select("purchase").execute();
    expect(new Set(subscriptions.map(({ purchase }) => purchase)).size).toBe(50);
    expect(shop.stripe.world.subscriptions.all()).toHaveLength(50);
  });
});
