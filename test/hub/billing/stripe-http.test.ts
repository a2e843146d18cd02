import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStripe, type StripeAccount } from "#hub/billing/stripe.ts";
import type { Fault } from "#test/simulators/simulator.ts";
import { NO_DESCRIPTION, SECRET_KEY, type StripeSimulator, startStripe } from "#test/simulators/stripe/stripe.ts";

const html = (status: number): Fault => ({ kind: "answer", status, body: "<h1>Bad gateway</h1>" });
const json = (status: number, body: unknown): Fault => ({ kind: "answer", status, body });
/** With what the library itself tries again. */
const TRIES = 3;

let simulator: StripeSimulator;
let stripe: StripeAccount;
beforeEach(async () => {
  simulator = await startStripe(NO_DESCRIPTION);
  stripe = openStripe({ secretKey: SECRET_KEY, webhookSecrets: [], endpoint: simulator.url });
});
afterEach(async () => {
  await simulator.stop();
  expect(simulator.violations).toEqual([]);
});

const customers = () => stripe.ask((api) => api.customers.list().autoPagingToArray({ limit: 100 }));
const newCustomer = () => stripe.ask((api) => api.customers.create({ email: "ada@example.org" }));

describe("what somebody else answers in Stripe's place", () => {
  it.each([
    ["a page of a proxy", html(502)],
    ["a page without a failure, as of a network that wants a login first", html(200)],
    ["words of a load balancer", json(503, { message: "no healthy upstream" })],
    ["a list", json(400, [])],
    ["a number", json(404, 7)],
    ["a success that is none", json(200, { message: "welcome" })],
    ["a wall that lets nobody through", html(403)],
    ["somebody who asks for another key", json(401, { message: "who are you?" })],
    ["nothing", json(400, "")],
  ])("is no answer: %s", async (_what, fault) => {
    const faults = Array.from({ length: TRIES }, () => fault);
    simulator.fail(/^POST \/customers$/, ...faults);
    await expect(newCustomer()).rejects.toMatchObject({ code: "billing_unavailable" });
    expect(simulator.world.customers.all()).toEqual([]);
    simulator.calm();
    simulator.fail(/^GET \/customers$/, ...faults);
    await expect(customers()).rejects.toMatchObject({ code: "billing_unavailable" });
    simulator.calm();
    // And the next one is.
    const { id } = await newCustomer();
    expect((await customers()).map((one) => one.id)).toEqual([id]);
  });
});

it("leaves what Stripe itself says as it is", async () => {
  const error = { type: "invalid_request_error", message: "No such customer", code: "resource_missing" };
  simulator.fail(/./, json(404, { error }));
  await expect(customers()).rejects.toMatchObject({
    code: "billing_refused",
    details: { code: error.code, status: 404 },
  });
  simulator.fail(/./, json(401, { error: { type: "invalid_request_error", message: "Invalid API Key provided" } }));
  await expect(customers()).rejects.toMatchObject({
    code: "billing_refused",
    hint: expect.stringContaining("secretKeyFile"),
  });
  simulator.fail(
    /./,
    ...Array.from({ length: TRIES }, () => json(500, { error: { type: "api_error", message: "down" } })),
  );
  await expect(customers()).rejects.toMatchObject({ code: "billing_unavailable", details: { status: 500 } });
});
