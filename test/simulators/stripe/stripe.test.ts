import Stripe from "stripe";
import { beforeEach, describe, expect, it } from "vitest";
import { hasContracts, NO_CONTRACTS } from "../contract.ts";
import { CARDS } from "./cards.ts";
import { SECRET_KEY, type StripeSimulator, startStripe, stripeContract } from "./stripe.ts";
import { startWithLibrary } from "./with-library.ts";

const DAY_MS = 24 * 3_600_000;

describe.skipIf(!hasContracts())(hasContracts() ? "the simulated Stripe" : NO_CONTRACTS, () => {
  const contract = hasContracts() ? stripeContract() : undefined;
  let simulator: StripeSimulator;
  let stripe: Stripe;
  beforeEach(async () => {
    const started = await startWithLibrary(contract);
    ({ simulator, stripe } = started);
    return started.stop;
  });

  const price = async (id = "bundle_starter_t1", amount = 2999) => {
    const product = await stripe.products.create({ id, name: id });
    return stripe.prices.create({
      product: product.id,
      currency: "usd",
      unit_amount: amount,
      lookup_key: id,
      recurring: { interval: "month" },
    });
  };
  const session = async (extra: Stripe.Checkout.SessionCreateParams = {}) =>
    stripe.checkout.sessions.create({
      mode: "subscription",
      customer: (await stripe.customers.create({ email: "ada@example.org" })).id,
      line_items: [{ price: (await price()).id, quantity: 1 }],
      success_url: "https://hub.test/done?session={CHECKOUT_SESSION_ID}",
      cancel_url: "https://hub.test/back",
      ...extra,
    });
  const submit = (url: string | null, card: string) =>
    fetch(String(url), { method: "POST", redirect: "manual", body: new URLSearchParams({ card }) });
  const types = () =>
    simulator.world.events
      .all()
      .map(({ type }) => type)
      .reverse();

  it("takes a payment on its page, and then there is a subscription with a paid invoice", async () => {
    const open = await session({ metadata: { purchase: "p1" } });
    expect(await (await fetch(String(open.url))).text()).toContain("29.99 USD");
    const declined = await submit(open.url, CARDS.declined);
    expect(declined.headers.get("location")).toContain("declined");
    const paid = await submit(open.url, CARDS.good);
    expect(paid.headers.get("location")).toBe(`https://hub.test/done?session=${open.id}`);
    const done = await stripe.checkout.sessions.retrieve(open.id);
    expect(done).toMatchObject({ status: "complete", payment_status: "paid", url: null, metadata: { purchase: "p1" } });
    const { data: invoices } = await stripe.invoices.list({ subscription: String(done.subscription) });
    expect(invoices).toMatchObject([{ status: "paid", amount_paid: 2999, billing_reason: "subscription_create" }]);
    const { data: payments } = await stripe.invoicePayments.list({ invoice: String(invoices[0]?.id) });
    const intent = String(payments[0]?.payment.payment_intent);
    expect(await stripe.refunds.create({ payment_intent: intent })).toMatchObject({ amount: 2999 });
    await expect(stripe.refunds.create({ payment_intent: intent })).rejects.toMatchObject({
      code: "charge_already_refunded",
    });
    expect((await fetch(String(open.url))).status).toBe(410);
    expect(types()).toEqual(
      expect.arrayContaining(["checkout.session.completed", "invoice.paid", "customer.subscription.created"]),
    );
  });

  it("renews, fails, tries again, and is paid with another card on the portal", async () => {
    const open = await session();
    await submit(open.url, CARDS.later);
    const { subscription: id, customer } = await stripe.checkout.sessions.retrieve(open.id);
    const status = async () => (await stripe.subscriptions.retrieve(String(id))).status;
    expect(await status()).toBe("active");
    simulator.advance(32 * DAY_MS);
    expect(await status()).toBe("past_due");
    const failing = await stripe.invoices.list({ subscription: String(id), status: "open" });
    expect(failing.data).toMatchObject([{ attempt_count: 1, next_payment_attempt: expect.any(Number) }]);
    simulator.advance(16 * DAY_MS);
    expect((await stripe.invoices.retrieve(String(failing.data[0]?.id))).next_payment_attempt).toBeNull();

    const portal = await stripe.billingPortal.sessions.create({ customer: String(customer), return_url: "https://h" });
    const press = (action: string) =>
      fetch(portal.url, { method: "POST", body: new URLSearchParams({ subscription: String(id), action }) });
    await press("card");
    expect(await status()).toBe("active");
    await press("cancel");
    simulator.advance(32 * DAY_MS);
    expect(await status()).toBe("canceled");
    expect(types().at(-1)).toBe("customer.subscription.deleted");
  });

  it("gives a trial: warned three days before its end, active before anything is paid", async () => {
    const open = await session({ subscription_data: { trial_period_days: 14 } });
    await submit(open.url, CARDS.good);
    const done = await stripe.checkout.sessions.retrieve(open.id);
    expect(done.payment_status).toBe("no_payment_required");
    simulator.advance(12 * DAY_MS);
    expect(types().at(-1)).toBe("customer.subscription.trial_will_end");
    simulator.advance(2 * DAY_MS + 60_000);
    expect((await stripe.subscriptions.retrieve(String(done.subscription))).status).toBe("active");
    const [draft] = (await stripe.invoices.list({ subscription: String(done.subscription) })).data;
    expect(draft?.status).toBe("draft");
    simulator.advance(2 * 3_600_000);
    expect((await stripe.invoices.retrieve(String(draft?.id))).status).toBe("paid");
  });

  it("prorates a change, and leaves all as it was when the difference cannot be collected", async () => {
    const open = await session();
    await submit(open.url, CARDS.later);
    const { subscription: id } = await stripe.checkout.sessions.retrieve(open.id);
    const dear = await price("bundle_starter_t2", 4599);
    const [item] = (await stripe.subscriptions.retrieve(String(id))).items.data;
    const change: Stripe.SubscriptionUpdateParams = {
      items: [{ id: String(item?.id), price: dear.id }],
      proration_behavior: "always_invoice",
    };
    await expect(
      stripe.subscriptions.update(String(id), { ...change, payment_behavior: "error_if_incomplete" }),
    ).rejects.toMatchObject({ code: "card_declined", statusCode: 402 });
    expect((await stripe.subscriptions.retrieve(String(id))).items.data[0]?.price.unit_amount).toBe(2999);
    simulator.world.refusedCards.clear();
    simulator.advance(10 * DAY_MS);
    const changed = await stripe.subscriptions.update(String(id), change);
    expect(changed.items.data[0]?.price.unit_amount).toBe(4599);
    const [invoice] = (await stripe.invoices.list({ subscription: String(id) })).data;
    expect(invoice?.amount_paid).toBeGreaterThan(0);
    expect(invoice?.amount_paid).toBeLessThan(1600);
  });

  it("answers a key that comes again as before, and refuses it for something else", async () => {
    const first = await stripe.customers.create({ email: "ada@example.org" }, { idempotencyKey: "k1" });
    const again = await stripe.customers.create({ email: "ada@example.org" }, { idempotencyKey: "k1" });
    expect(again.id).toBe(first.id);
    await expect(stripe.customers.create({ email: "eve@example.org" }, { idempotencyKey: "k1" })).rejects.toMatchObject(
      { type: "StripeIdempotencyError", statusCode: 400 },
    );
    simulator.advance(25 * 3_600_000);
    expect((await stripe.customers.create({ email: "ada@example.org" }, { idempotencyKey: "k1" })).id).not.toBe(
      first.id,
    );
    expect((await stripe.customers.list({ email: "ada@example.org" })).data).toHaveLength(2);
  });

  it("moves a lookup key to a new price only when it is told to", async () => {
    const old = await price();
    const next = { product: "bundle_starter_t1", currency: "usd", recurring: { interval: "month" } } as const;
    const params = { ...next, unit_amount: 3499, lookup_key: "bundle_starter_t1" };
    await expect(stripe.prices.create(params)).rejects.toMatchObject({ code: "resource_already_exists" });
    const made = await stripe.prices.create({ ...params, transfer_lookup_key: true });
    const found = await stripe.prices.list({ lookup_keys: ["bundle_starter_t1"] });
    expect(found.data.map(({ id }) => id)).toEqual([made.id]);
    expect((await stripe.prices.retrieve(old.id)).lookup_key).toBeNull();
    await expect(stripe.products.create({ id: "bundle_starter_t1", name: "again" })).rejects.toMatchObject({
      code: "resource_already_exists",
    });
  });

  it("counts what is used once for each identifier, and bills it with the next period", async () => {
    const meter = await stripe.billing.meters.create({
      event_name: "tokens",
      display_name: "Tokens",
      default_aggregation: { formula: "sum" },
    });
    const product = await stripe.products.create({ name: "Tokens" });
    const metered = await stripe.prices.create({
      product: product.id,
      currency: "usd",
      unit_amount: 2,
      recurring: { interval: "month", usage_type: "metered", meter: meter.id },
    });
    const open = await session({ line_items: [{ price: metered.id }] });
    await submit(open.url, CARDS.good);
    const { customer, subscription } = await stripe.checkout.sessions.retrieve(open.id);
    const event = {
      event_name: "tokens",
      identifier: "once",
      payload: { stripe_customer_id: String(customer), value: "150" },
    };
    await stripe.billing.meterEvents.create(event);
    await expect(stripe.billing.meterEvents.create(event)).rejects.toThrow("exists");
    simulator.advance(32 * DAY_MS);
    expect((await stripe.invoices.list({ subscription: String(subscription) })).data[0]?.total).toBe(300);
  });

  it("lets a test clock drive the time of its customers alone", async () => {
    const frozen = Math.floor(simulator.now() / 1000);
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: frozen });
    const customer = await stripe.customers.create({ test_clock: clock.id });
    const open = await session({ customer: customer.id });
    await submit(open.url, CARDS.good);
    const { subscription } = await stripe.checkout.sessions.retrieve(open.id);
    const later = frozen + 32 * 86_400;
    const advancing = await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: later });
    expect(advancing.status).toBe("advancing");
    await expect.poll(async () => (await stripe.testHelpers.testClocks.retrieve(clock.id)).status).toBe("ready");
    const invoices = await stripe.invoices.list({ subscription: String(subscription) });
    expect(invoices.data.map(({ status }) => status)).toEqual(["paid", "paid"]);
    await stripe.testHelpers.testClocks.del(clock.id);
    await expect(stripe.customers.retrieve(customer.id)).rejects.toMatchObject({ code: "resource_missing" });
  });

  it("gives what is to the customer's credit back with the next invoice", async () => {
    const customer = await stripe.customers.create({ email: "ada@example.org" });
    await stripe.customers.createBalanceTransaction(customer.id, { amount: -1000, currency: "usd" });
    const open = await session({ customer: customer.id });
    await submit(open.url, CARDS.good);
    const { invoice } = await stripe.checkout.sessions.retrieve(open.id);
    expect(await stripe.invoices.retrieve(String(invoice))).toMatchObject({ total: 2999, amount_paid: 1999 });
  });

  it("refuses another key, and a session that expires within half an hour", async () => {
    const { hostname: host, port } = new URL(simulator.url);
    const stranger = new Stripe("sk_test_other", { host, port, protocol: "http", maxNetworkRetries: 0 });
    await expect(stranger.customers.list()).rejects.toMatchObject({ statusCode: 401 });
    await expect(session({ expires_at: Math.floor(simulator.now() / 1000) + 60 })).rejects.toThrow("30 minutes");
  });

  it("ends a session that nobody pays for in time", async () => {
    const open = await session();
    simulator.advance(2 * DAY_MS);
    expect(await stripe.checkout.sessions.retrieve(open.id)).toMatchObject({ status: "expired", url: null });
    expect((await submit(open.url, CARDS.good)).status).not.toBe(303);
  });
});

describe.skipIf(!hasContracts())("its webhooks", () => {
  it("carry signatures that the SDK accepts, and come as often and in the order that was asked for", async () => {
    const { createServer } = await import("node:http");
    const seen: string[] = [];
    let failures = 1;
    const receiver = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const raw = Buffer.concat(parts).toString();
        const stripe = new Stripe(SECRET_KEY);
        seen.push(stripe.webhooks.constructEvent(raw, String(request.headers["stripe-signature"]), "whsec_two").type);
        response.statusCode = failures-- > 0 ? 500 : 200;
        response.end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    const address = receiver.address();
    const simulator = await startStripe();
    simulator.webhooks.aim(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`, [
      "whsec_one",
      "whsec_two",
    ]);
    const { emit } = simulator.world;
    emit("invoice.paid", { id: "in_1" });
    await simulator.webhooks.settled();
    expect(seen).toEqual(["invoice.paid", "invoice.paid"]);
    simulator.webhooks.behave({ copies: 2, isReversed: true, lose: (type) => type === "customer.created" });
    emit("customer.created", { id: "cus_1" });
    emit("invoice.created", { id: "in_2" });
    emit("invoice.finalized", { id: "in_2" });
    await simulator.webhooks.settled();
    expect(seen.slice(2).sort()).toEqual([
      ...["invoice.created", "invoice.created"],
      ...["invoice.finalized", "invoice.finalized"],
    ]);
    await simulator.stop();
    receiver.closeAllConnections();
    receiver.close();
  });
});
