import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StripeAccount } from "#hub/billing/stripe.ts";
import { takeBack } from "#hub/billing/take-back.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { stripeContract } from "#test/simulators/stripe/stripe.ts";
import { openAccount, type TestAccount } from "./account.ts";

const DAY_MS = 24 * 3_600_000;

describe.skipIf(!hasContracts())(hasContracts() ? "taking a purchase back" : NO_CONTRACTS, () => {
  const contract = hasContracts() ? stripeContract() : undefined;
  let account: TestAccount;
  let told: string[];
  beforeEach(async () => {
    account = await openAccount(contract);
    told = [];
  });
  afterEach(async () => {
    await account.stop();
    expect(account.simulator.violations).toEqual([]);
  });

  const back = (purchase: string, stripe: StripeAccount = account.stripe) =>
    takeBack(
      {
        ...{ stripe, payments: account.payments, lanes: account.lanes, now: account.now },
        tell: async (_purchase, { cents, currency }) => void told.push(`${cents} ${currency}`),
      },
      purchase,
    );
  const refunds = () => account.simulator.world.refunds.all().map(({ amount }) => amount);

  it("refunds all that was paid, ends the subscription, and tells how much", async () => {
    const { purchase, subscription } = await account.subscribed();
    await back(purchase);
    expect(refunds()).toEqual([2999]);
    expect(account.simulator.world.subscriptions.get(subscription.id).status).toBe("canceled");
    expect(told).toEqual(["2999 usd"]);
    expect(await account.payments.get(purchase)).toMatchObject({ takenBackAt: expect.any(Number) });
  });

  it("voids what is open, and refunds what was paid before", async () => {
    const { purchase, subscription, card } = await account.subscribed();
    account.simulator.world.refusedCards.add(card);
    account.simulator.advance(32 * DAY_MS);
    await back(purchase);
    const invoices = account.simulator.world.invoices.all();
    expect(invoices.map(({ status }) => status)).toEqual(["void", "paid"]);
    expect(refunds()).toEqual([2999]);
    account.simulator.advance(60 * DAY_MS);
    expect(account.simulator.world.subscriptions.get(subscription.id).status).toBe("canceled");
    expect(refunds()).toEqual([2999]);
  });

  it("of a trial ends it, and tells that nothing was charged", async () => {
    const { purchase, subscription } = await account.subscribed({ trialDays: 14 });
    await back(purchase);
    expect(refunds()).toEqual([]);
    expect(told).toEqual(["0 usd"]);
    account.simulator.advance(20 * DAY_MS);
    expect(account.simulator.world.subscriptions.get(subscription.id).status).toBe("canceled");
  });

  it("of something without a price is nothing", async () => {
    await back("purchase_none");
    expect(account.simulator.requests).toEqual([]);
  });

  it("refunds once, wherever it is killed, also a day later when Stripe has forgotten the keys", async () => {
    for (const isAfter of [false, true]) {
      for (let nth = 0; nth < 8; nth += 1) {
        const { purchase } = await account.subscribed();
        const before = refunds().length;
        let asked = 0;
        const dyingAt = async <Answer>(request: () => Promise<Answer>) => {
          const isLast = asked++ === nth;
          if (isLast && !isAfter) throw new Error("killed");
          const answer = await request();
          if (isLast && isAfter) throw new Error("killed");
          return answer;
        };
        const dying: StripeAccount = {
          ...account.stripe,
          ask: (question) => dyingAt(() => account.stripe.ask(question)),
          make: (key, request) => dyingAt(() => account.stripe.make(key, request)),
        };
        await back(purchase, dying).catch((error: Error) => expect(error.message).toBe("killed"));
        account.simulator.advance(25 * 3_600_000);
        await back(purchase);
        await back(purchase);
        expect(refunds().length).toBe(before + 1);
        expect(await account.payments.get(purchase)).toMatchObject({ takenBackAt: expect.any(Number) });
      }
    }
  });

  it.each(["done", "not-done"] as const)(
    "refunds once after a failure that Stripe keeps for the key, with its effect %s",
    async (effect) => {
      const { purchase } = await account.subscribed();
      account.simulator.breakDown(/^\/v1\/refunds$/, effect);
      await expect(back(purchase)).rejects.toMatchObject({ code: "billing_unavailable", details: { status: 500 } });
      await back(purchase);
      expect(refunds()).toEqual([2999]);
      expect(await account.payments.get(purchase)).toMatchObject({ takenBackAt: expect.any(Number) });
    },
  );

  it("waits when Stripe does not answer, and is done again", async () => {
    const { purchase } = await account.subscribed();
    const down = Array.from({ length: 3 }, () => ({ kind: "lost" }) as const);
    account.simulator.fail(/^POST \/refunds/, ...down);
    await expect(back(purchase)).rejects.toMatchObject({ code: "billing_unavailable" });
    expect(await account.payments.get(purchase)).toMatchObject({ takenBackAt: undefined });
    await back(purchase);
    expect(refunds()).toEqual([2999]);
  });
});
