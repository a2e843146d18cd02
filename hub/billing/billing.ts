import type { InvoiceView, NextOfSubscription } from "#shared/api/billing.ts";
import type { RevenueView } from "#shared/api/revenue.ts";
import type { CatalogPrice } from "#shared/catalog/offer.ts";
import { Problem } from "#shared/problem.ts";
import { createLanes } from "../lanes.ts";
import type { Precedence } from "../precedence.ts";
import type { Checkout } from "../shop/checkout.ts";
import type { AuditLine } from "../store/audit.ts";
import { createBillingCustomerStore } from "../store/billing-customers.ts";
import { createBillingNoticeStore, type NoticeBody } from "../store/billing-notices.ts";
import type { Database } from "../store/database.ts";
import { createPaymentStore, type NewPayment, type Payment } from "../store/payments.ts";
import { createPurchaseStore } from "../store/purchases.ts";
import { createStripeEventStore } from "../store/stripe-events.ts";
import { createSubscriptionStore, type StoredSubscription } from "../store/subscriptions.ts";
import { createBooks } from "./books.ts";
import { type ChangeParts, changeSubscription } from "./change-subscription.ts";
import { openCheckout } from "./checkout.ts";
import { endSubscription } from "./end-subscription.ts";
import { createEventsWorker } from "./events-worker.ts";
import { handOver } from "./hand-over.ts";
import { invoicesOf } from "./invoices.ts";
import { type BeaconLife, createLife, type LifeParts, type TellCustomer } from "./life.ts";
import { createNotices } from "./notices.ts";
import { type LifePolicy, nextOf } from "./plan-life.ts";
import { monthOf, revenueOf } from "./revenue.ts";
import { openStripe, type StripeSettings } from "./stripe.ts";
import { type StripeSubscription, subscriptionsAtStripe } from "./subscriptions-at-stripe.ts";
import { createSync, type Sync } from "./sync.ts";
import { closeCheckout, type TakeBackParts, takeBack } from "./take-back.ts";
import { receiveWebhook } from "./webhook.ts";

export interface BillingParts extends Pick<ChangeParts, "mayChange">, Pick<LifeParts, "bring"> {
  readonly db: Database;
  readonly stripe: StripeSettings;
  /** All that is for sale. */
  readonly prices: readonly CatalogPrice[];
  /** Names of the bundles, by id. */
  readonly bundleTitles: ReadonlyMap<string, string>;
  readonly currency: string;
  readonly trialDays: number | undefined;
  readonly policy: LifePolicy;
  /** Origin of the hub. */
  readonly origin: string;
  /** Where a customer goes on after the checkout. */
  readonly returnUrl: (purchase: string) => string;
  /** Origin of the pages where customers pay. */
  readonly payOrigin: string;
  readonly beacons: BeaconLife;
  readonly tell: TellCustomer;
  readonly tellRefund: TakeBackParts["tell"];
  /** A purchase is paid for. May be told again. */
  readonly onPaid: (purchase: string) => Promise<void>;
  /** The checkout of a purchase was over without a payment. May be told again. */
  readonly onLapsed: (purchase: string) => Promise<void>;
  readonly precedence: Precedence;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
  /** How often the store is looked at when nothing is due. */
  readonly longestPauseMs: number;
}

/** Everything about money: what is sold, what is paid for, and what follows from it. */
export interface Billing {
  /** The payment of what is bought in the shop. */
  readonly desk: Checkout;
  /** A purchase with a price is paid when Stripe says so, one without at once. */
  isPaid(purchase: string): Promise<boolean>;
  payment(purchase: string): Promise<Payment | undefined>;
  /** What a purchase of these keys of the catalog costs. @throws {Problem} `invalid_input` for one that is not for sale */
  price(keys: readonly string[]): NewPayment;
  /** Where it is paid for. @throws {Problem} as `openCheckout` */
  checkout(purchase: string): Promise<{ readonly url: string }>;
  /** Gives all back that was paid for a purchase. May be called again. @throws {Problem} when it has to be */
  takeBack(purchase: string): Promise<void>;
  /** Ends the subscription of a purchase whose beacon is deleted: nothing more follows from it. May be called again. */
  end(purchase: string): Promise<void>;
  /** Bills and reminders go to another address, as far as that can be. @returns what came of it, in words */
  handOver(purchase: string, email: string): Promise<string>;
  /** Where customers change their card, cancel, and find their invoices. @throws {Problem} `not_found` for who never bought */
  portal(email: string): Promise<{ readonly url: string }>;
  /** Newest first. */
  invoices(email: string): Promise<InvoiceView[]>;
  subscriptions(): Promise<StoredSubscription[]>;
  /** What they bring, as Stripe had them last. */
  revenue(): Promise<RevenueView>;
  /** What Stripe charges for now. @throws {Problem} what `StripeAccount.ask` throws */
  subscriptionsAtStripe(): Promise<StripeSubscription[]>;
  /**
   * Takes over what Stripe says now of the payment of a purchase, as if a webhook had just told of it. Does nothing for a subscription that
   * is none of ours. @throws {Problem} what `StripeAccount.ask` throws
   */
  lookAgain(at: { readonly subscription: string; readonly purchase: string }): Promise<void>;
  /** What becomes of one, if nobody does anything. */
  next(subscription: StoredSubscription): NextOfSubscription | undefined;
  /** All that can be subscribed to. */
  readonly onSale: { readonly prices: readonly CatalogPrice[]; readonly currency: string };
  /** @throws {Problem} as `changeSubscription` */
  change(subscription: string, keys: readonly string[]): Promise<void>;
  /** Has Stripe told once what was used or is credited. The same id again changes nothing. @param line Tells of what is new. */
  note(
    notice: { readonly id: string; readonly purchase: string; readonly body: NoticeBody },
    line?: AuditLine,
  ): Promise<void>;
  receive(body: string, signature: string | undefined): Promise<void>;
  readonly sync: Sync;
  start(): void;
  stop(): Promise<void>;
}

export function createBilling(parts: BillingParts): Billing {
  const { db, prices, currency, trialDays, origin, now, onError, longestPauseMs } = parts;
  const stripe = openStripe(parts.stripe);
  const lanes = createLanes();
  const payments = createPaymentStore(db);
  const purchases = createPurchaseStore(db);
  const customers = createBillingCustomerStore(db);
  const events = createStripeEventStore(db);
  const subscriptions = createSubscriptionStore(db);
  const notices = createBillingNoticeStore(db);

  const giveBack = async (purchase: string) => {
    // What was bought in the shop has no payment before its checkout; noted as called off, it gets none.
    const sale = (await purchases.get(purchase))?.sale;
    if (sale !== undefined) await payments.ensure(purchase, { prices: sale.lines.map(({ key }) => key), trialDays });
    await takeBack({ stripe, payments, lanes, now, tell: parts.tellRefund }, purchase);
  };
  const books = createBooks({
    ...{ stripe, payments, subscriptions, lanes, now },
    onPaid: parts.onPaid,
    onLapsed: parts.onLapsed,
    onPaidTooLate: giveBack,
    onSubscription: () => life.nudge(),
  });
  const worker = createEventsWorker({
    stripe,
    events,
    lanes,
    precedence: parts.precedence,
    look: books.look,
    now,
    onError,
  });
  const { beacons, bring, tell, policy } = parts;
  const life = createLife({ stripe, subscriptions, books, beacons, bring, tell, policy, now, onError, longestPauseMs });
  const messenger = createNotices({ stripe, notices, payments, currency, now, onError });
  const loops = [worker, life, messenger];
  const keys = new Set(prices.map(({ key }) => key));

  const customerBy = async (email: string): Promise<string> => {
    const customer = await customers.get(email);
    if (customer === undefined) throw new Problem("not_found", "there is nothing that you pay for");
    return customer;
  };

  const price: Billing["price"] = (wanted) => {
    const unknown = wanted.filter((key) => !keys.has(key));
    if (unknown.length > 0) throw new Problem("invalid_input", `${unknown.join(", ")} is not for sale`);
    return { prices: [...new Set(wanted)], trialDays };
  };

  const { returnUrl } = parts;
  const checkout = (purchase: string) =>
    openCheckout({ stripe, payments, purchases, customers, lanes, returnUrl, trialDays, now }, purchase);

  return {
    isPaid: async (purchase) => {
      const payment = await payments.get(purchase);
      // The payment of what was bought in the shop begins with its checkout.
      if (payment === undefined) return (await purchases.get(purchase))?.sale === undefined;
      return payment.paidAt !== undefined && payment.takeBackSince === undefined;
    },
    payment: payments.get,
    price,
    checkout,
    desk: {
      origin: parts.payOrigin,
      open: ({ id }) => checkout(id),
      close: ({ id }) =>
        lanes(id, async () => {
          const session = (await payments.get(id))?.session;
          if (session === undefined || (await closeCheckout(stripe, session.id)) === undefined) return;
          throw new Problem("conflict", "this order is paid for already", { hint: "Write to us to cancel it." });
        }),
    },
    takeBack: giveBack,
    end: async (purchase) => {
      const id = (await payments.get(purchase))?.subscription;
      if (id === undefined) return;
      await books.refresh(id);
      await subscriptions.close(id, now());
      await endSubscription(stripe, id);
      await books.refresh(id);
    },
    handOver: (purchase, email) => handOver({ stripe, payments, purchases, subscriptions, customers }, purchase, email),
    portal: async (email) => {
      const customer = await customerBy(email);
      const { url } = await stripe.ask((api) => api.billingPortal.sessions.create({ customer, return_url: origin }));
      return { url };
    },
    invoices: async (email) => invoicesOf(stripe, await customerBy(email)),
    subscriptions: subscriptions.list,
    revenue: async () => {
      const at = now();
      const of = { bundleTitles: parts.bundleTitles, notices: await notices.since(monthOf(at)), now: at };
      return revenueOf(await subscriptions.list(), of);
    },
    subscriptionsAtStripe: () => subscriptionsAtStripe(stripe),
    lookAgain: async ({ subscription, purchase }) => {
      const payment = await payments.get(purchase);
      if (payment?.session !== undefined && payment.paidAt === undefined)
        await books.look(`session ${payment.session.id}`);
      await books.refresh(subscription);
    },
    next: (subscription) => nextOf(subscription, { policy, now: now() }),
    onSale: { prices, currency },
    change: async (id, wanted) => {
      const { mayChange } = parts;
      await changeSubscription({ stripe, subscriptions, books, lanes, mayChange }, id, price(wanted).prices);
    },
    note: async (notice, line) => {
      if (await notices.put({ ...notice, at: now() }, line)) messenger.nudge();
    },
    receive: (body, signature) => receiveWebhook({ stripe, now, take: worker.take }, body, signature),
    sync: createSync(stripe, prices, currency),
    start: () => {
      for (const loop of loops) loop.start();
    },
    stop: async () => {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}
