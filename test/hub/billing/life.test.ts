import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BeaconLife, TellCustomer } from "#hub/billing/life.ts";
import { hasContracts, NO_CONTRACTS } from "#test/simulators/contract.ts";
import { payInvoice } from "#test/simulators/stripe/invoicing.ts";
import { stripeContract } from "#test/simulators/stripe/stripe.ts";
import { openAccount, type TestAccount } from "./account.ts";

const DAY_MS = 24 * 3_600_000;
const words = (id: string) => id.replace(/^\S+ /, "").replace(/@.*/, "");

describe.skipIf(!hasContracts())(hasContracts() ? "the life of a subscription" : NO_CONTRACTS, () => {
  const contract = hasContracts() ? stripeContract() : undefined;
  let account: TestAccount;
  /** What was done, by the name it was done under: the same again is the same. */
  let done: Map<string, string>;
  /** What dies at its nth effect, before or after it. */
  let death: { left: number; readonly isAfter: boolean } | undefined;
  beforeEach(async () => {
    account = await openAccount(contract);
    done = new Map();
    death = undefined;
  });
  afterEach(async () => {
    await account.stop();
    expect(account.simulator.violations).toEqual([]);
  });

  class Killed extends Error {}
  const effect = (what: string, id: string) => {
    if (death !== undefined && death.left-- === 0 && !death.isAfter) throw new Killed();
    done.set(`${what} ${words(id)}`, id);
    if (death?.left === -1 && death.isAfter) throw new Killed();
  };
  const beacons: BeaconLife = {
    suspend: async ({ id }) => effect("beacon", id),
    resume: async ({ id }) => effect("beacon", id),
    terminate: async ({ id }) => effect("beacon", id),
  };
  const tell: TellCustomer = async (_news, { id }) => effect("mail", id);

  /** Lets a hub live until nothing is due, and ends it. */
  const live = async () => {
    const errors: unknown[] = [];
    const life = account.life(beacons, tell, (error) => errors.push(error));
    life.start();
    await expect
      .poll(async () => errors.length > 0 || (await account.subscriptions.due(account.now())).length === 0)
      .toBe(true);
    await life.stop();
    return errors;
  };
  const pass = async (days: number, subscription: string) => {
    account.simulator.advance(days * DAY_MS);
    await account.books.refresh(subscription);
    await live();
  };
  const refuse = async () => {
    const bought = await account.subscribed();
    account.simulator.world.refusedCards.add(bought.card);
    const end = bought.subscription.items.data[0]?.current_period_end ?? 0;
    account.simulator.advance(end * 1000 - account.now() + 2 * 3_600_000);
    await account.books.refresh(bought.subscription.id);
    await live();
    return bought;
  };

  it("reminds on days 0, 3, 5 and 7, suspends, and removes after another month, each once", async () => {
    const { subscription } = await refuse();
    expect([...done.keys()]).toEqual(["mail remind-0"]);
    const seen: string[][] = [];
    for (let day = 1; day <= 40; day += 1) {
      const before = new Set(done.keys());
      await pass(1, subscription.id);
      await pass(0, subscription.id);
      seen.push([...done.keys()].filter((key) => !before.has(key)));
    }
    const byDay = seen.flatMap((keys, index) => keys.map((key) => `${index + 1}: ${key}`));
    expect(byDay).toEqual([
      ...["3: mail remind-3", "5: mail remind-5"],
      ...["7: mail remind-7", "7: beacon suspend", "7: mail suspend"],
      ...["37: beacon terminate", "37: mail terminate"],
    ]);
    expect(account.simulator.world.subscriptions.get(subscription.id).status).toBe("canceled");
    const before = done.size;
    await pass(60, subscription.id);
    expect(done.size).toBe(before);
  }, 240_000);

  it("resumes whoever pays before the end", async () => {
    const { subscription, card } = await refuse();
    await pass(8, subscription.id);
    expect([...done.keys()]).toContain("beacon suspend");
    account.simulator.world.refusedCards.delete(card);
    for (const invoice of account.simulator.world.invoices.all()) {
      if (invoice.status === "open") payInvoice(account.simulator.world, invoice);
    }
    await pass(0, subscription.id);
    expect([...done.keys()].slice(-2)).toEqual(["beacon resume", "mail resume"]);
    await pass(5, subscription.id);
    expect([...done.keys()].filter((key) => key.includes("terminate"))).toEqual([]);
  });

  it("asks Stripe before it takes anything away: a payment nobody told of counts", async () => {
    const { card } = await refuse();
    account.simulator.advance(8 * DAY_MS);
    account.simulator.world.refusedCards.delete(card);
    for (const invoice of account.simulator.world.invoices.all()) {
      if (invoice.status === "open") payInvoice(account.simulator.world, invoice);
    }
    // No webhook: the books still say that it is not paid.
    await live();
    expect([...done.keys()]).toEqual(["mail remind-0"]);
  });

  it("sends only the newest reminder after a hub was down for days", async () => {
    const { subscription } = await refuse();
    account.simulator.advance(6 * DAY_MS);
    await account.books.refresh(subscription.id);
    await live();
    expect([...done.keys()]).toEqual(["mail remind-0", "mail remind-5"]);
  });

  it("warns of the end of a trial, and suspends at the end of what was cancelled", async () => {
    const { subscription } = await account.subscribed({ trialDays: 14 });
    await pass(12, subscription.id);
    expect([...done.keys()]).toEqual(["mail trial-ending"]);
    await account.stripe.ask((api) => api.subscriptions.update(subscription.id, { cancel_at_period_end: true }));
    await pass(3, subscription.id);
    expect([...done.keys()]).toEqual(["mail trial-ending", "beacon suspend", "mail suspend"]);
    await pass(30, subscription.id);
    expect([...done.keys()].slice(-2)).toEqual(["beacon terminate", "mail terminate"]);
  });

  it("goes on wherever it was killed, before and after each effect, and does nothing twice", async () => {
    for (const isAfter of [false, true]) {
      for (let nth = 0; nth < 5; nth += 1) {
        done.clear();
        const { subscription } = await refuse();
        account.simulator.advance(37 * DAY_MS);
        await account.books.refresh(subscription.id);
        death = { left: nth, isAfter };
        expect((await live()).length).toBeGreaterThan(0);
        death = undefined;
        account.simulator.advance(3_600_000);
        await live();
        const effects = ["mail remind-7", "beacon suspend", "mail suspend", "beacon terminate", "mail terminate"];
        expect([...done.keys()].slice(1).sort()).toEqual(effects.sort());
        const actions = await account.subscriptions.actions(subscription.id);
        expect(actions.every((action) => action.isDone)).toBe(true);
        expect(new Set(done.values()).size).toBeLessThanOrEqual(actions.length);
        expect(account.simulator.world.subscriptions.get(subscription.id).status).toBe("canceled");
      }
    }
  }, 240_000);
});
