import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { subscriptionsAtStripe } from "#hub/billing/subscriptions-at-stripe.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { stripeContract } from "#test/simulators/stripe/stripe.ts";
import { endSubscription, subscribe } from "#test/simulators/stripe/subscribing.ts";
import { openAccount, type TestAccount } from "./account.ts";

describe.skipIf(!hasContracts())(hasContracts() ? "what Stripe charges for" : NO_CONTRACTS, () => {
  const contract = hasContracts() ? stripeContract() : undefined;
  let account: TestAccount;
  beforeEach(async () => {
    account = await openAccount(contract);
  });
  afterEach(async () => {
    await account.stop();
    expect(account.simulator.violations).toEqual([]);
  });

  const subscribeTo = (metadata: Record<string, string>) => {
    const { world } = account.simulator;
    const price = world.prices.all()[0] ?? account.sell("bundle_starter_t1", 2999);
    const customer = world.customers.make({ email: "ada@example.org", balance: 0 });
    const card = world.paymentMethods.make({ customer: customer.id, type: "card" });
    const items = [{ price, quantity: 2 }];
    return subscribe(world, { customer: customer.id, items, card: card.id, metadata, trialDays: undefined });
  };

  it("is all of it, however many pages that is, and nothing that no hub has made", async () => {
    const made = Array.from({ length: 205 }, (_, index) => subscribeTo({ purchase: `purchase_${index}` }).id);
    subscribeTo({});
    const found = await subscriptionsAtStripe(account.stripe);
    expect(found.map(({ id }) => id).sort()).toEqual(made.sort());
    expect(found[0]).toMatchObject({ monthlyCents: 5998, currency: "usd", status: "active" });
    expect(account.simulator.requests.filter(({ path }) => path === "/subscriptions")).toHaveLength(3);
  });

  it("is nothing that is over", async () => {
    endSubscription(account.simulator.world, subscribeTo({ purchase: "purchase_over" }));
    expect(await subscriptionsAtStripe(account.stripe)).toEqual([]);
  });

  it("is not half of it when Stripe dies in between", async () => {
    for (let index = 0; index < 101; index += 1) subscribeTo({ purchase: `purchase_${index}` });
    const answers = Array.from(
      { length: 3 },
      () => ({ kind: "answer", status: 500, body: { error: { type: "api_error", message: "down" } } }) as const,
    );
    // The first page comes, and what the library itself tries again does not.
    account.simulator.fail(/^GET \/subscriptions$/, { kind: "slow", ms: 0 }, ...answers);
    await expect(subscriptionsAtStripe(account.stripe)).rejects.toMatchObject({ code: "billing_unavailable" });
    expect(account.simulator.faultsLeft).toBe(0);
  });

  it("is stored with what it brings, and what is owed once it is behind", async () => {
    const { subscription, card } = await account.subscribed({ cents: 1234 });
    expect(await account.subscriptions.get(subscription.id)).toMatchObject({
      ...{ monthlyCents: 1234, currency: "usd", startedAt: subscription.created * 1000, openInvoices: 0, openCents: 0 },
    });
    account.simulator.world.refusedCards.add(card);
    account.simulator.advance(32 * 24 * 3_600_000);
    await account.books.refresh(subscription.id);
    expect(await account.subscriptions.get(subscription.id)).toMatchObject({ openInvoices: 1, openCents: 1234 });
  });
});
