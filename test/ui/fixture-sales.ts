import { Hono } from "hono";
import { z } from "zod";
import { InvoiceView, PaymentView, SubscriptionsView, type SubscriptionView } from "#shared/api/billing.ts";
import { ReconcileRequest, ReconcileView } from "#shared/api/reconcile.ts";
import { RevenueView } from "#shared/api/revenue.ts";
import { answer } from "./fixture-routes.ts";

/** Money, as pages show it. What changes it is tried with a real hub and a simulated Stripe. */
export class FixtureSales {
  /** By purchase. */
  readonly payments = new Map<string, PaymentView>();
  invoices: InvoiceView[] = [];
  /** Nothing is sold at first. */
  view: SubscriptionsView = { subscriptions: [], prices: [] };
  revenue: RevenueView = { at: Date.now(), monthFrom: Date.now(), currencies: [], usage: [] };
  findings: ReconcileView = { findings: [], fixed: [] };

  #compare(fix: boolean) {
    const at = Date.now();
    const { findings } = this.findings;
    const certain = fix ? findings.filter(({ resolvable }) => resolvable) : [];
    this.findings = {
      checkedAt: at,
      findings: findings.filter((one) => !certain.includes(one)),
      fixed: certain.map(({ id, kind, subject, title }) => ({ id, kind, subject, title, at, outcome: "It is gone." })),
    };
  }

  routes(): Hono {
    return new Hono()
      .get("/purchases/:purchase/payment", (c) =>
        answer(c, PaymentView, this.payments.get(c.req.param("purchase")) ?? { state: "none" }),
      )
      .get("/billing/invoices", (c) =>
        answer(c, z.object({ invoices: z.array(InvoiceView) }), { invoices: this.invoices }),
      )
      .get("/revenue", (c) => answer(c, RevenueView, this.revenue))
      .post("/reconcile", async (c) => {
        const { fix } = ReconcileRequest.parse(await c.req.json());
        this.#compare(fix);
        return answer(c, ReconcileView, this.findings);
      })
      .get("/reconcile", (c) => answer(c, ReconcileView, this.findings))
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
  const sum = (subscriptions: number, monthlyCents: number) => ({ subscriptions, monthlyCents });
  sales.revenue = {
    at: now,
    monthFrom: now - 20 * DAY_MS,
    usage: [{ meter: "llm_tokens", value: 1_234_567, purchases: 3, untold: 0 }],
    currencies: [
      {
        currency: "usd",
        ...{ active: sum(41, 184_959), ending: sum(2, 5_998), trialing: sum(6, 17_994), pastDue: sum(1, 2_999) },
        ...{ newThisMonth: sum(9, 32_991), lostThisMonth: sum(1, 2_999), openInvoices: { invoices: 2, cents: 5_998 } },
        bundles: ["Starter", "Family", "Creator", "Office", "Developer", "Everything"].map((title, nth) => ({
          ...{ bundle: title.toLowerCase(), title, ...sum(20 - 3 * nth, 70_000 - 12_000 * nth) },
        })),
      },
    ],
  };
  sales.findings = {
    checkedAt: now - 5 * 3_600_000,
    fixed: [],
    findings: [
      {
        ...{ id: "f1", kind: "customer-without-server", subject: "pur_00000001", purchase: "pur_00000001" },
        title: "lou@example.org paid for lou and has no server",
        ...{
          detail: "Paid 3 days ago; its job has failed.",
          hint: "Retry its job, or cancel it: that gives all back.",
        },
        ...{ since: now - 2 * DAY_MS, monthlyCents: 4_999, currency: "usd", resolvable: false },
      },
      {
        ...{ id: "f2", kind: "orphan-vps", subject: "12345678", provider: "hetzner", resolvable: true },
        title: "Server wopr-a-name-of-some-length-without-any-space-12345678 at Hetzner Cloud",
        ...{ detail: "It was made for an order that is cancelled.", hint: "It can be deleted." },
        ...{ since: now - DAY_MS, monthlyCents: 379, currency: "eur" },
        problem: { code: "provider_unavailable", message: "Hetzner Cloud does not answer", hint: "Try again later." },
      },
      {
        ...{ id: "f3", kind: "unreachable", subject: "upcloud", provider: "upcloud", resolvable: false },
        ...{ title: "UpCloud could not be asked", detail: "Authentication failed.", hint: "Put in other credentials." },
        since: now - 3_600_000,
      },
    ],
  };
}
