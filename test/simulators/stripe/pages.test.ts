import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import type Stripe from "stripe";
import { beforeEach, describe, expect, it } from "vitest";
import { hasContracts } from "../contract.ts";
import { CARDS, judgeCard, REFUSALS } from "./cards.ts";
import { NO_DESCRIPTION, type StripeSimulator, stripeContract } from "./stripe.ts";
import { startWithLibrary } from "./with-library.ts";

const DAY_MS = 24 * 3_600_000;
const described = hasContracts() ? stripeContract() : undefined;

/** Both ways in which it may run: what the one promises the other keeps. */
describe.each([
  ...(described === undefined ? [] : [{ title: "held to Stripe's description", contract: described }]),
  { title: "without a description", contract: NO_DESCRIPTION } as const,
])("pages of the simulated Stripe, $title", ({ contract }) => {
  let simulator: StripeSimulator;
  let stripe: Stripe;
  beforeEach(async () => {
    const started = await startWithLibrary(contract);
    ({ simulator, stripe } = started);
    return started.stop;
  });

  const session = async (extra: Stripe.Checkout.SessionCreateParams = {}) => {
    const product = await stripe.products.create({ name: "Starter <T1>" });
    const recurring = { interval: "month" } as const;
    const price = await stripe.prices.create({ product: product.id, currency: "usd", unit_amount: 2999, recurring });
    const customer = await stripe.customers.create({ email: "ada@example.org" });
    return stripe.checkout.sessions.create({
      mode: "subscription",
      customer: customer.id,
      line_items: [{ price: price.id, quantity: 1 }],
      success_url: "https://hub.test/done?session={CHECKOUT_SESSION_ID}",
      cancel_url: "https://hub.test/back",
      ...extra,
    });
  };
  const get = async (url: string | null) => {
    const response = await fetch(new URL(String(url), simulator.url), { redirect: "manual" });
    return { status: response.status, text: await response.text() };
  };
  /** @returns where it leads */
  const post = async (url: string | null, fields: Record<string, string>) => {
    const body = new URLSearchParams(fields);
    const response = await fetch(new URL(String(url), simulator.url), { method: "POST", redirect: "manual", body });
    return response.headers.get("location") ?? String(response.status);
  };
  const typed = (card: string) => ({ card, expiry: "11 / 32".replaceAll(" ", ""), cvc: "123" });
  const subscribed = async (card: string = CARDS.good) => {
    const { id, url } = await session();
    await post(url, typed(card));
    const { subscription, customer } = await stripe.checkout.sessions.retrieve(id);
    const portal = await stripe.billingPortal.sessions.create({
      customer: String(customer),
      return_url: "https://h.test/",
    });
    return { id: String(subscription), portal: portal.url };
  };

  it("say what is bought, for how much and for whom, and lead back", async () => {
    const { url } = await session();
    const { text } = await get(url);
    for (const part of ["This is not Stripe", "Starter &lt;T1&gt;", "29.99 USD", "ada@example.org"]) {
      expect(text).toContain(part);
    }
    expect(text).toContain('href="https://hub.test/back"');
    const trial = await get((await session({ subscription_data: { trial_period_days: 14 } })).url);
    expect(trial.text).toContain("Start trial");
  });

  it.each([
    ["card_declined", typed(CARDS.declined)],
    ["insufficient_funds", typed(CARDS.poor)],
    ["expired_card", typed(CARDS.expired)],
    ["incorrect_cvc", typed(CARDS.wrongCvc)],
    ["processing_error", typed(CARDS.again)],
    ["incorrect_number", typed("4242 4242 4242 4241")],
    ["invalid_expiry", { card: CARDS.good, expiry: "01/20", cvc: "123" }],
    ["invalid_cvc", { card: CARDS.good, expiry: "12/34", cvc: "1" }],
  ] as const)("refuse a card with %s, say so, and take another one", async (why, fields) => {
    const { id, url } = await session();
    const back = await post(url, fields);
    expect(back).toBe(`/pay/${id}?problem=${why}`);
    const { text } = await get(back);
    expect(text).toContain(`role="alert">${REFUSALS[why].replace("'", "&#39;")}`);
    expect(simulator.world.subscriptions.all()).toEqual([]);
    expect(await post(url, typed("4242 4242 4242 4242"))).toBe(`https://hub.test/done?session=${id}`);
    expect(simulator.world.subscriptions.all()).toHaveLength(1);
  });

  it("ask the owner of some cards, and take them only from who answers", async () => {
    const { id, url } = await session();
    const asks = await post(url, typed(CARDS.authenticated));
    expect(asks).toBe(`/pay/${id}/authenticate`);
    expect(await post(asks, { answer: "fail" })).toBe(`/pay/${id}?problem=authentication_failed`);
    // Who was not asked cannot have answered.
    expect(await post(asks, { answer: "complete" })).toBe(`/pay/${id}?problem=authentication_failed`);
    expect(simulator.world.subscriptions.all()).toEqual([]);
    await post(url, typed(CARDS.authenticated));
    expect((await get(asks)).text).toContain("Is it you?");
    expect(await post(asks, { answer: "complete" })).toBe(`https://hub.test/done?session=${id}`);
    expect((await get(asks)).status).toBe(410);
    expect((await get(url)).status).toBe(410);
    expect(await post(url, typed(CARDS.good))).toBe("400");
  });

  it("let a plan be cancelled to the end of its period, after a question, and kept after all", async () => {
    const { id, portal } = await subscribed();
    const overview = await get(portal);
    for (const part of ["Starter", "29.99 USD a month", "Renews on", "visa •••• 4242, expires 11/2032", "paid"]) {
      expect(overview.text).toContain(part);
    }
    const question = /href="([^"]+\/cancel)"/.exec(overview.text)?.[1] ?? "";
    expect((await get(question)).text).toContain("still be available until");
    await post(portal, { subscription: id, action: "cancel" });
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: "active", cancel_at: expect.any(Number) });
    expect((await get(portal)).text).toContain("Ends on");
    await post(portal, { subscription: id, action: "renew" });
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ cancel_at: null });
    simulator.configurePortal({ cancel: "immediately" });
    expect((await get(question)).text).toContain("It ends at once");
    await post(portal, { subscription: id, action: "cancel" });
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: "canceled" });
    expect((await get(portal)).text).toContain("Ended on");
  });

  it("of one customer are closed to another one's plan", async () => {
    const { portal } = await subscribed();
    const stranger = await stripe.customers.create({ email: "eve@example.org" });
    const other = await stripe.subscriptions.create({
      customer: stranger.id,
      items: [{ price: simulator.world.prices.all()[0]?.id ?? "" }],
    });
    expect(await post(portal, { subscription: other.id, action: "cancel" })).toBe("403");
    expect((await get(`${portal}/${other.id}/cancel`)).status).toBe(403);
    expect(await post(`${portal}/${other.id}/card`, typed(CARDS.good))).toBe("403");
  });

  it("take another card, which pays what is open, and refuse one that is no good", async () => {
    const { id, portal } = await subscribed(CARDS.later);
    simulator.advance(32 * DAY_MS);
    expect((await stripe.subscriptions.retrieve(id)).status).toBe("past_due");
    const refused = await post(`${portal}/${id}/card`, typed(CARDS.declined));
    expect((await get(refused)).text).toContain(REFUSALS.card_declined);
    await post(`${portal}/${id}/card`, typed(CARDS.mastercard));
    expect((await stripe.subscriptions.retrieve(id)).status).toBe("active");
    expect((await get(portal)).text).toContain("mastercard •••• 4444");
  });

  it("show an invoice, have it paid by any card, and give it as a PDF", async () => {
    const { id } = await subscribed(CARDS.later);
    simulator.advance(32 * DAY_MS);
    const [open] = (await stripe.invoices.list({ subscription: id, status: "open" })).data;
    const url = open?.hosted_invoice_url ?? null;
    expect((await get(url)).text).toContain("Pay 29.99 USD");
    expect((await get(await post(url, typed(CARDS.poor)))).text).toContain(REFUSALS.insufficient_funds);
    await post(url, typed(CARDS.good));
    const paid = await get(url);
    expect(paid.text).toContain("It is paid");
    expect(paid.text).not.toContain("Pay with card");
    await post(url, typed(CARDS.good));
    expect(simulator.world.paymentIntents.all()).toHaveLength(2);
    const pdf = await fetch(String(open?.invoice_pdf));
    expect(pdf.headers.get("content-type")).toBe("application/pdf");
    expect(pdf.headers.get("content-disposition")).toContain(`Invoice-${open?.number}.pdf`);
    const bytes = Buffer.from(await pdf.arrayBuffer());
    expect(bytes.subarray(0, 5).toString()).toBe("%PDF-");
    expect(bytes.subarray(-6).toString()).toContain("%%EOF");
  });

  it("tell what happened in the order of Stripe, or shuffled and twice when asked to", async () => {
    const got: Stripe.Event[] = [];
    const server = createServer((request, response) => {
      void buffer(request).then((raw) => {
        const header = String(request.headers["stripe-signature"]);
        const [, at, signature] = /^t=(\d+),v1=(.+)$/.exec(header) ?? [];
        expect(createHmac("sha256", "whsec").update(`${at}.${raw}`).digest("hex")).toBe(signature);
        got.push(stripe.webhooks.constructEvent(raw, header, "whsec"));
        response.end();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    simulator.webhooks.aim(`http://127.0.0.1:${port}/`, ["whsec"]);
    await subscribed();
    await simulator.webhooks.settled();
    const emitted = simulator.world.events.all().map(({ id }) => id);
    expect(got.map(({ id }) => id).sort()).toEqual(emitted.sort());
    expect(got.map(({ type }) => type)).toEqual(
      expect.arrayContaining(["payment_intent.succeeded", "invoice.paid", "checkout.session.completed"]),
    );
    got.length = 0;
    simulator.webhooks.behave({ copies: 2, shuffle: Math.random });
    simulator.advance(32 * DAY_MS);
    await simulator.webhooks.settled();
    const renewed = [...new Set(got.map(({ id }) => id))];
    expect(got).toHaveLength(2 * renewed.length);
    expect(renewed.length).toBeGreaterThan(3);
    server.close();
  });
});

describe("a card", () => {
  const now = Date.UTC(2026, 10, 21) / 1000;
  const judged = (number: string, expiry = "12/34", cvc = "123") => judgeCard({ number, expiry, cvc }, now);

  it("counts to the end of its month", () => {
    expect(judged(CARDS.good, "11/26")).toEqual({ is: "taken" });
    expect(judged(CARDS.good, "10/26")).toEqual({ is: "refused", why: "invalid_expiry" });
    expect(judged(CARDS.good, "13/30")).toEqual({ is: "refused", why: "invalid_expiry" });
  });

  it("has a number that holds together", () => {
    expect(Object.values(CARDS).filter((number) => judged(number).is === "refused")).toHaveLength(5);
    for (const number of ["", "4", "4242424242424241", "abcd424242424242"]) {
      expect(judged(number)).toEqual({ is: "refused", why: "incorrect_number" });
    }
  });
});
