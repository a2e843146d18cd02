import { Hono } from "hono";
import { z } from "zod";
import { InvoiceView, PaymentView, SubscriptionsView, type SubscriptionView } from "#shared/api/billing.ts";
import { answer } from "./fixture-routes.ts";

/** Money, as pages show it. What changes it is tried with a real hub and a simulated Stripe. */
export class FixtureSales {
  /** By purchase. */
  readonly payments = new Map<string, PaymentView>();
  invoices: InvoiceView[] = [];
  /** Nothing is sold at first. */
  view: SubscriptionsView = { subscriptions: [], prices: [] };

  routes(): Hono {
    return new Hono()
      .get("/purchases/:purchase/payment", (c) =>
        answer(c, PaymentView, this.payments.get(c.req.param("purchase")) ?? { state: "none" }),
      )
      .get("/billing/invoices", (c) =>
        answer(c, z.object({ invoices: z.array(InvoiceView) }), { invoices: this.invoices }),
      )
      .get("/subscriptions", (c) => answer(c, SubscriptionsView, this.view))
      .get("/subscriptions/:subscription/invoices", (c) =>
        answer(c, z.object({ invoices: z.array(InvoiceView) }), { invoices: this.invoices }),
      );
  }
}

const DAY_MS = 86_400_000;

/** As they are after some time. */
export function fillSales(sales: FixtureSales) {
  const now = Date.now();
  const invoice = (id: number, status: string, daysAgo: number) => ({
    id: `in_${id}`,
    number: `A-RATHER-LONG-NUMBER-000${id}`,
    status,
    totalCents: 104_999,
    currency: "usd",
    at: now - daysAgo * DAY_MS,
    url: `https://invoice.stripe.test/i/${id}`,
    pdf: `https://invoice.stripe.test/i/${id}/pdf`,
  });
  const subscription = (id: number, changed: Partial<SubscriptionView>): SubscriptionView => ({
    ...{ id: `sub_${id}`, purchase: `pur_0000000${id}`, email: `owner-${id}@example.org`, beaconName: `beacon-${id}` },
    ...{ status: "active", prices: ["bundle_starter_t1"], monthlyCents: 2999, currency: "usd" },
    next: { what: "invoice", at: now + 12 * DAY_MS },
    ...changed,
  });
  sales.view = {
    currency: "usd",
    prices: [
      { key: "bundle_starter_t1", title: "Starter Sovereign T1", priceCents: 2999 },
      { key: "bundle_starter_t2", title: "Starter Sovereign T2", priceCents: 4999 },
      { key: "addon_bookstack", title: "BookStack", priceCents: 500 },
      { key: "addon_umami", title: "Umami", priceCents: 300 },
      { key: "storage_plus", title: "200 GB of storage", priceCents: 1500 },
    ],
    subscriptions: [
      subscription(1, { prices: ["addon_bookstack", "bundle_starter_t2", "storage_plus"], monthlyCents: 6999 }),
      subscription(2, {
        ...{ status: "past_due", pastDueSince: now - 4 * DAY_MS, beaconName: "a-name-of-a-beacon-of-some-length" },
        ...{ email: "a-rather-long-address-of-somebody@subdomain.example.org" },
        next: { what: "suspended", at: now + 3 * DAY_MS },
      }),
      subscription(3, { status: "trialing", next: { what: "trial-ends", at: now + 9 * DAY_MS } }),
      subscription(4, { endsAt: now + 20 * DAY_MS, next: { what: "ends", at: now + 20 * DAY_MS } }),
      subscription(5, {
        status: "canceled",
        endedAt: now - 9 * DAY_MS,
        next: { what: "removed", at: now + 21 * DAY_MS },
      }),
    ],
  };
  sales.invoices = [invoice(3, "open", 2), invoice(2, "paid", 32), invoice(1, "uncollectible", 62)];
}
