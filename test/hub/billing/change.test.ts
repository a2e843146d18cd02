import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changeSubscription } from "#hub/billing/change-subscription.ts";
import { Problem } from "#shared/problem.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { stripeContract } from "#test/simulators/stripe/stripe.ts";
import { openAccount, type TestAccount } from "./account.ts";

const DAY_MS = 24 * 3_600_000;

describe.skipIf(!hasContracts())(hasContracts() ? "changing what is subscribed to" : NO_CONTRACTS, () => {
  const contract = hasContracts() ? stripeContract() : undefined;
  let account: TestAccount;
  beforeEach(async () => {
    account = await openAccount(contract);
    account.sell("bundle_starter_t2", 4599);
    account.sell("addon_n8n", 499);
  });
  afterEach(async () => {
    await account.stop();
    expect(account.simulator.violations).toEqual([]);
  });

  const change = (id: string, wanted: readonly string[], mayChange: () => Promise<void> = async () => undefined) =>
    changeSubscription(
      {
        ...{ stripe: account.stripe, subscriptions: account.subscriptions, books: account.books, lanes: account.lanes },
        mayChange,
      },
      id,
      wanted,
    );
  const prices = async (id: string) => (await account.subscriptions.get(id))?.prices;
  const invoices = () => account.simulator.world.invoices.all();

  it("collects the difference for the rest of the period at once", async () => {
    const { subscription } = await account.subscribed();
    account.simulator.advance(15 * DAY_MS);
    await change(subscription.id, ["bundle_starter_t2", "addon_n8n"]);
    expect(await prices(subscription.id)).toEqual(["addon_n8n", "bundle_starter_t2"]);
    const [upgrade] = invoices();
    // Half of (45.99 − 29.99 + 4.99) is left of the period.
    expect(upgrade).toMatchObject({ status: "paid", billing_reason: "subscription_update" });
    expect(upgrade?.amount_paid).toBeGreaterThan(950);
    expect(upgrade?.amount_paid).toBeLessThan(1150);
    account.simulator.advance(17 * DAY_MS);
    expect(invoices()[0]).toMatchObject({ status: "paid", amount_paid: 4599 + 499 });
  });

  it("changes nothing the second time, and nothing where the card is declined", async () => {
    const { subscription, card } = await account.subscribed();
    account.simulator.world.refusedCards.add(card);
    await expect(change(subscription.id, ["bundle_starter_t2"])).rejects.toMatchObject({ code: "payment_declined" });
    expect(subscription.items.data.map(({ price }) => price.product)).toEqual(["bundle_starter_t1"]);
    account.simulator.world.refusedCards.clear();
    await change(subscription.id, ["bundle_starter_t2"]);
    const before = invoices().length;
    await change(subscription.id, ["bundle_starter_t2"]);
    expect(invoices()).toHaveLength(before);
  });

  it("credits what is dropped to the next invoice", async () => {
    const { subscription } = await account.subscribed();
    await change(subscription.id, ["bundle_starter_t1", "addon_n8n"]);
    account.simulator.advance(15 * DAY_MS);
    await change(subscription.id, ["bundle_starter_t1"]);
    const before = invoices().length;
    account.simulator.advance(17 * DAY_MS);
    expect(invoices().length).toBe(before + 1);
    const total = invoices()[0]?.total ?? 0;
    expect(total).toBeLessThan(2999);
    expect(total).toBeGreaterThan(2999 - 499);
  });

  it("is refused where the data does not fit, and Stripe is not asked", async () => {
    const { subscription } = await account.subscribed({ key: "bundle_starter_t2" });
    account.sell("bundle_starter_t1", 2999);
    const full = async () => {
      throw new Problem("disk_full", "the data does not fit");
    };
    await expect(change(subscription.id, ["bundle_starter_t1"], full)).rejects.toMatchObject({ code: "disk_full" });
    expect(account.simulator.requests.some(({ method }) => method === "POST")).toBe(false);
  });

  it("is refused without a bundle, with a price that Stripe does not have, and while something is unpaid", async () => {
    const { subscription, card } = await account.subscribed();
    await expect(change(subscription.id, ["addon_n8n"])).rejects.toMatchObject({ code: "invalid_input" });
    await expect(change(subscription.id, ["bundle_starter_t1", "addon_gone"])).rejects.toMatchObject({
      code: "billing_refused",
      hint: "Run: wopr billing sync",
    });
    await expect(change("sub_none", ["bundle_starter_t1"])).rejects.toMatchObject({ code: "not_found" });
    account.simulator.world.refusedCards.add(card);
    account.simulator.advance(32 * DAY_MS);
    await expect(change(subscription.id, ["bundle_starter_t2"])).rejects.toMatchObject({ code: "conflict" });
  });

  it("is one change however often it is lost on the way, and when it is asked for fifty times at once", async () => {
    const { subscription } = await account.subscribed();
    account.simulator.fail(/^POST \/subscriptions/, { kind: "lost" }, { kind: "lost" });
    await Promise.all(Array.from({ length: 50 }, () => change(subscription.id, ["bundle_starter_t1", "addon_n8n"])));
    expect(await prices(subscription.id)).toEqual(["addon_n8n", "bundle_starter_t1"]);
    expect(invoices().filter(({ billing_reason }) => billing_reason === "subscription_update")).toHaveLength(1);
  });
});
