import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBooks } from "#hub/billing/books.ts";
import { type BeaconLife, createLife, type LifeParts, type TellCustomer } from "#hub/billing/life.ts";
import { openStripe } from "#hub/billing/stripe.ts";
import { newId } from "#hub/id.ts";
import { createLanes } from "#hub/lanes.ts";
import { openDatabase } from "#hub/store/database.ts";
import { migrate } from "#hub/store/migrate.ts";
import { createPaymentStore, insertPayment } from "#hub/store/payments.ts";
import { createPurchaseStore } from "#hub/store/purchases.ts";
import { createSubscriptionStore } from "#hub/store/subscriptions.ts";
import type { Contract } from "#test/simulators/contract.ts";
import { SECRET_KEY, startStripe } from "#test/simulators/stripe/stripe.ts";
import { subscribe } from "#test/simulators/stripe/subscribing.ts";

/** Books of a hub and its account at Stripe, without the hub around them: what is under test is made by the test. */
export async function openAccount(contract: Contract | undefined) {
  const folder = mkdtempSync(join(tmpdir(), "wopr-account-"));
  const simulator = await startStripe(contract);
  const db = openDatabase(join(folder, "hub.sqlite"));
  await migrate(db);
  const { now } = simulator;
  const stripe = openStripe({ secretKey: SECRET_KEY, webhookSecrets: [], endpoint: simulator.url });
  const payments = createPaymentStore(db);
  const subscriptions = createSubscriptionStore(db);
  const lanes = createLanes();
  const nothing = async () => undefined;
  const books = createBooks({
    ...{ stripe, payments, subscriptions, lanes, now },
    ...{ onPaid: nothing, onLapsed: nothing, onPaidTooLate: nothing, onSubscription: () => undefined },
  });

  /** A purchase that is paid for, by a card that goes on being taken or not. */
  const subscribed = async ({ key = "bundle_starter_t1", cents = 2999, trialDays = 0 } = {}) => {
    const { world } = simulator;
    const id = newId("purchase");
    const email = `${id}@example.org`;
    await createPurchaseStore(db).insert({
      ...{ id, email, beaconName: "ada", modules: [], region: undefined, actor: "test", createdAt: now() },
    });
    await insertPayment(db, id, { prices: [key], trialDays: undefined });
    const price = world.prices.all().find((one) => one.product === key) ?? sell(key, cents);
    const customer = world.customers.make({ email, balance: 0 });
    const card = world.paymentMethods.make({ customer: customer.id, type: "card" });
    const subscription = subscribe(world, {
      customer: customer.id,
      items: [{ price, quantity: 1 }],
      card: card.id,
      metadata: { purchase: id },
      trialDays: trialDays === 0 ? undefined : trialDays,
    });
    await payments.open(id, { customer: customer.id, session: `cs_${id}`, url: "https://stripe.test" });
    await payments.markPaid(id, { subscription: subscription.id, customer: customer.id, at: now() });
    await books.refresh(subscription.id);
    return { purchase: id, subscription, card: card.id, customer };
  };

  const sell = (key: string, cents: number) => {
    simulator.world.products.make({ id: key, name: key, active: true, metadata: {} });
    return simulator.world.prices.make({
      ...{ product: key, lookup_key: key, active: true, currency: "usd", type: "recurring" },
      ...{ unit_amount: cents, unit_amount_decimal: String(cents) },
      recurring: { interval: "month", interval_count: 1, meter: null, trial_period_days: null, usage_type: "licensed" },
    });
  };

  return {
    simulator,
    db,
    stripe,
    payments,
    subscriptions,
    lanes,
    books,
    now,
    sell,
    subscribed,
    /** A life of subscriptions, as one process of the hub has it. */
    life: (
      beacons: BeaconLife,
      tell: TellCustomer,
      onError: (error: unknown) => void,
      bring: LifeParts["bring"] = async () => true,
    ) =>
      createLife({
        ...{ stripe, subscriptions, books, beacons, bring, tell, now, onError },
        policy: { terminateAfterDays: 30 },
        longestPauseMs: 10,
      }),
    stop: async () => {
      await db.destroy();
      await simulator.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type TestAccount = Awaited<ReturnType<typeof openAccount>>;
