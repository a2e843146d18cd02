import { createHash } from "node:crypto";
import type { z } from "zod";
import { missing } from "./failure.ts";
import * as objects from "./objects.ts";
import type { Seed } from "./seeds.ts";

type Values<Entity> = { readonly [Name in keyof Entity]?: Entity[Name] | undefined };

/** All objects of one kind. */
export interface Collection<Entity extends { readonly id: string }> {
  /** @param values What differs from the seed. */
  make(values: Values<Entity>): Entity;
  /** @throws {StripeFailure} 404 */
  get(id: string): Entity;
  find(id: string): Entity | undefined;
  /** Newest first, as Stripe lists them. */
  all(): Entity[];
  remove(id: string): void;
}

/** Everything in a Stripe account. Objects are changed in place. */
export interface World {
  readonly products: Collection<z.output<typeof objects.Product>>;
  readonly prices: Collection<objects.Price>;
  readonly meters: Collection<z.output<typeof objects.Meter>>;
  readonly customers: Collection<objects.Customer>;
  readonly paymentMethods: Collection<z.output<typeof objects.PaymentMethod>>;
  readonly sessions: Collection<objects.CheckoutSession>;
  readonly subscriptions: Collection<objects.Subscription>;
  readonly items: Collection<objects.SubscriptionItem>;
  readonly invoices: Collection<objects.Invoice>;
  readonly lines: Collection<z.output<typeof objects.Line>>;
  readonly invoicePayments: Collection<z.output<typeof objects.InvoicePayment>>;
  readonly paymentIntents: Collection<z.output<typeof objects.PaymentIntent>>;
  readonly refunds: Collection<z.output<typeof objects.Refund>>;
  readonly creditNotes: Collection<z.output<typeof objects.CreditNote>>;
  readonly balanceTransactions: Collection<z.output<typeof objects.BalanceTransaction>>;
  readonly portalSessions: Collection<z.output<typeof objects.PortalSession>>;
  readonly clocks: Collection<objects.TestClock>;
  readonly events: Collection<objects.StripeEvent>;
  readonly seed: Seed;
  /** Cards that are refused from now on, whatever they were before. */
  readonly refusedCards: Set<string>;
  /** Parts of subscriptions' changes that are to be on the next invoice, by subscription. */
  readonly prorations: Map<string, { readonly amount: number; readonly description: string }[]>;
  /** What meters have counted: by event name and customer. */
  readonly usage: Map<string, { readonly value: number; readonly at: number }[]>;
  /** Of the account's pages. */
  origin(): string;
  /** Seconds since the epoch: by the test clock of this customer, where there is one. */
  now(customer?: string | null): number;
  /** Tells the account's webhook endpoints of an object as it is now. */
  emit(type: string, object: { readonly id?: string }): void;
}

export interface WorldParts {
  readonly now: () => number;
  readonly origin: () => string;
  readonly seed: Seed;
  readonly deliver: (event: objects.StripeEvent) => void;
}

export function createWorld({ now, origin, seed, deliver }: WorldParts): World {
  let made = 0;

  const collection = <Schema extends z.ZodType<{ id: string }>>(
    schema: Schema,
    { prefix, described, fixture }: { readonly prefix: string; readonly described: string; readonly fixture: string },
  ): Collection<z.output<Schema>> => {
    const all = new Map<string, z.output<Schema>>();
    const find = (id: string) => all.get(id);
    return {
      make: (values) => {
        made += 1;
        const id = `${prefix}_${createHash("sha256").update(`${prefix} ${made}`).digest("hex").slice(0, 24)}`;
        const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
        const entity = schema.parse({ ...seed({ described, fixture, own: schema }), id, created: seconds(), ...given });
        all.set(entity.id, entity);
        return entity;
      },
      get: (id) => {
        const found = find(id);
        if (found === undefined) throw missing(fixture, id);
        return found;
      },
      find,
      all: () => [...all.values()].reverse(),
      remove: (id) => {
        all.delete(id);
      },
    };
  };

  const seconds = () => Math.floor(now() / 1000);
  const of = (prefix: string, described: string, fixture: string) => ({ prefix, described, fixture });
  const customers = collection(objects.Customer, of("cus", "Customers.Customer", "customer"));
  const clocks = collection(
    objects.TestClock,
    of("clock", "TestHelpers_TestClocks.TestClock", "test_helpers.test_clock"),
  );
  const events = collection(objects.StripeEvent, of("evt", "Event", "event"));

  return {
    products: collection(objects.Product, of("prod", "Products.Product", "product")),
    prices: collection(objects.Price, of("price", "Prices.Price", "price")),
    meters: collection(objects.Meter, of("mtr", "Billing_Meters.Meter", "billing.meter")),
    customers,
    paymentMethods: collection(objects.PaymentMethod, of("pm", "PaymentMethods.PaymentMethod", "payment_method")),
    sessions: collection(objects.CheckoutSession, of("cs_test", "Checkout_Sessions.Session", "checkout.session")),
    subscriptions: collection(objects.Subscription, of("sub", "Subscriptions.Subscription", "subscription")),
    items: collection(objects.SubscriptionItem, of("si", "SubscriptionItems.SubscriptionItem", "subscription_item")),
    invoices: collection(objects.Invoice, of("in", "Invoices.Invoice", "invoice")),
    lines: collection(objects.Line, of("il", "InvoiceLineItems.InvoiceLineItem", "line_item")),
    invoicePayments: collection(
      objects.InvoicePayment,
      of("inpay", "InvoicePayments.InvoicePayment", "invoice_payment"),
    ),
    paymentIntents: collection(objects.PaymentIntent, of("pi", "PaymentIntents.PaymentIntent", "payment_intent")),
    refunds: collection(objects.Refund, of("re", "Refunds.Refund", "refund")),
    creditNotes: collection(objects.CreditNote, of("cn", "CreditNotes.CreditNote", "credit_note")),
    balanceTransactions: collection(
      objects.BalanceTransaction,
      of("cbtxn", "CustomerBalanceTransactions.CustomerBalanceTransaction", "customer_balance_transaction"),
    ),
    portalSessions: collection(
      objects.PortalSession,
      of("bps", "BillingPortal_Sessions.Session", "billing_portal.session"),
    ),
    clocks,
    events,
    seed,
    refusedCards: new Set(),
    prorations: new Map(),
    usage: new Map(),
    origin,
    now: (customer) => {
      const clock = customers.find(customer ?? "")?.test_clock ?? undefined;
      return (clock === undefined ? undefined : clocks.find(clock))?.frozen_time ?? seconds();
    },
    emit: (type, object) => {
      const event = events.make({
        type,
        api_version: API_VERSION,
        data: { object: structuredClone(object) },
        request: { id: null, idempotency_key: null },
        pending_webhooks: 1,
      });
      deliver(event);
    },
  };
}

/** Of the SDK that the hub uses: https://docs.stripe.com/api/versioning */
export const API_VERSION = "2026-10-28.endive";
