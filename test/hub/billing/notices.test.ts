import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createNotices } from "#hub/billing/notices.ts";
import type { StripeAccount } from "#hub/billing/stripe.ts";
import { type BillingNoticeStore, createBillingNoticeStore } from "#hub/store/billing-notices.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { stripeContract } from "#test/simulators/stripe/stripe.ts";
import { openAccount, type TestAccount } from "./account.ts";

const HOUR_MS = 3_600_000;

describe.skipIf(!hasContracts())(hasContracts() ? "what Stripe is told" : NO_CONTRACTS, () => {
  const contract = hasContracts() ? stripeContract() : undefined;
  let account: TestAccount;
  let notices: BillingNoticeStore;
  beforeEach(async () => {
    account = await openAccount(contract);
    notices = createBillingNoticeStore(account.db);
    account.simulator.world.meters.make({ event_name: "llm_tokens", display_name: "Tokens", status: "active" });
  });
  afterEach(async () => {
    await account.stop();
    expect(account.simulator.violations).toEqual([]);
  });

  /** One process of the hub, until nothing is due or something went wrong. */
  const send = async (stripe: StripeAccount = account.stripe) => {
    const errors: unknown[] = [];
    const { payments, now } = account;
    const loop = createNotices({
      stripe,
      notices,
      payments,
      currency: "usd",
      now,
      onError: (error) => errors.push(error),
    });
    loop.start();
    await expect.poll(async () => errors.length > 0 || (await notices.due(account.now(), 10)).length === 0).toBe(true);
    await loop.stop();
    return errors;
  };
  const used = (customer: string) =>
    (account.simulator.world.usage.get(`llm_tokens ${customer}`) ?? []).map(({ value }) => value);
  const use = (id: string, purchase: string, value = 1500) =>
    notices.put({ id, purchase, at: account.now(), body: { kind: "usage", meter: "llm_tokens", value } });
  const credit = (id: string, purchase: string, cents = 500) =>
    notices.put({ id, purchase, at: account.now(), body: { kind: "credit", cents, reason: "An outage" } });

  it("is what was used, once for each id", async () => {
    const { purchase, customer } = await account.subscribed();
    expect(await use("u1", purchase)).toBe(true);
    expect(await use("u1", purchase)).toBe(false);
    await use("u2", purchase, 20);
    await send();
    await send();
    expect(used(customer.id)).toEqual([1500, 20]);
  });

  it("is not changed by another one under the same id, whatever it differs in", async () => {
    const { purchase } = await account.subscribed();
    await credit("c1", purchase);
    for (const other of [
      () => credit("c1", purchase, 700),
      () => credit("c1", "purchase_other"),
      () => use("c1", purchase),
    ])
      await expect(other()).rejects.toMatchObject({ code: "conflict" });
    expect(await notices.due(account.now(), 10)).toMatchObject([{ id: "c1", purchase, body: { cents: 500 } }]);
    expect(await credit("c1", purchase)).toBe(false);
  });

  it("is what is credited, which the next invoice takes off", async () => {
    const { purchase, customer, subscription } = await account.subscribed();
    await credit("c1", purchase);
    await send();
    expect(account.simulator.world.customers.get(customer.id).balance).toBe(-500);
    account.simulator.advance(32 * 24 * HOUR_MS);
    const [newest] = account.simulator.world.invoices.all();
    expect(newest).toMatchObject({ total: 2999, amount_paid: 2499 });
    expect(subscription.id).toBe(newest?.parent?.subscription_details?.subscription);
  });

  it("arrives once when a hub is killed before it is sent, and after", async () => {
    for (const isAfter of [false, true]) {
      const { purchase, customer } = await account.subscribed();
      await use(`u-${isAfter}`, purchase);
      await credit(`c-${isAfter}`, purchase);
      const dying: StripeAccount = {
        ...account.stripe,
        ask: async (question) => {
          if (isAfter) await account.stripe.ask(question);
          throw new Error("killed");
        },
      };
      // Nothing of its end is written down, as when a process dies.
      const silent = { ...notices, markFailed: async () => undefined };
      const { payments, now } = account;
      let deaths = 0;
      const dead = createNotices({
        ...{ stripe: dying, notices: silent, payments, currency: "usd", now },
        onError: () => {
          deaths += 1;
        },
      });
      dead.start();
      await expect.poll(() => deaths).toBe(2);
      await dead.stop();
      account.simulator.advance(HOUR_MS);
      await send();
      expect(used(customer.id)).toEqual([1500]);
      expect(account.simulator.world.customers.get(customer.id).balance).toBe(-500);
    }
  });

  it("is left to the operator when Stripe may have it and has forgotten its key", async () => {
    const { purchase, customer } = await account.subscribed();
    await credit("c1", purchase);
    await notices.markTried("c1", account.now());
    account.simulator.advance(24 * HOUR_MS);
    expect(await send()).toMatchObject([{ code: "conflict" }]);
    expect(await send()).toEqual([]);
    expect(account.simulator.world.customers.get(customer.id).balance).toBe(0);
  });

  it("comes later when Stripe does not answer, and never when it says no", async () => {
    const { purchase, customer } = await account.subscribed();
    await use("u1", purchase);
    account.simulator.fail(/meter_events/, ...Array.from({ length: 3 }, () => ({ kind: "refused" }) as const));
    expect(await send()).toMatchObject([{ code: "billing_unavailable" }]);
    account.simulator.advance(HOUR_MS);
    await send();
    expect(used(customer.id)).toEqual([1500]);
    await notices.put({ id: "u2", purchase, at: account.now(), body: { kind: "usage", meter: "unknown", value: 1 } });
    expect(await send()).toMatchObject([{ code: "billing_refused" }]);
    account.simulator.advance(24 * HOUR_MS);
    expect(await send()).toEqual([]);
  });
});
