import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import {
  BillingPage,
  InvoiceView,
  NewCredit,
  PaymentView,
  SubscriptionChange,
  SubscriptionsView,
  SubscriptionView,
  SyncReport,
  SyncRequest,
} from "#shared/api/billing.ts";
import { RevenueView } from "#shared/api/revenue.ts";
import { Id } from "#shared/names.ts";
import { Problem } from "#shared/problem.ts";
import type { Billing } from "../../billing/billing.ts";
import { paymentViewOf } from "../../billing/payment-view.ts";
import { syncStepWords } from "../../billing/plan-sync.ts";
import { revenueOf } from "../../billing/revenue.ts";
import type { StoredSubscription } from "../../store/subscriptions.ts";
import { body, createRoutes, json } from "../contract.ts";
import type { HttpParts } from "../parts.ts";

const PurchaseParams = z.object({ purchase: Id });
const SubscriptionParams = z.object({ subscription: z.string().max(255) });

export const nothingSold = () =>
  new Problem("conflict", "nothing is sold on this hub", { hint: "Set billing.stripe in its configuration." });

/** Money: checkouts, subscriptions, invoices, and what Stripe tells. */
export function createBillingRoutes({ billing, audit, guards, now }: HttpParts) {
  const shop = (): Billing => {
    if (billing === undefined) throw nothingSold();
    return billing;
  };
  return createRoutes()
    .openapi(
      createRoute({
        method: "post",
        path: "/webhooks/stripe",
        tags: ["billing"],
        summary: "What Stripe tells; signed by it",
        request: { body: { required: true, content: { "application/json": { schema: z.unknown() } } } },
        responses: { 200: json(z.object({ received: z.literal(true) }), "It is stored") },
      }),
      async (c) => {
        await shop().receive(await c.req.text(), c.req.header("stripe-signature"));
        return c.json({ received: true as const }, 200);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/purchases/{purchase}/checkout",
        tags: ["billing"],
        summary: "Where a purchase is paid for",
        description: "Asked by whoever knows the purchase's id, which nobody can guess.",
        middleware: guards.rate("checkout", { windowMs: 60_000, max: 60 }),
        request: { params: PurchaseParams },
        responses: { 200: json(BillingPage, "A page at Stripe") },
      }),
      async (c) => c.json(await shop().checkout(c.req.valid("param").purchase), 200),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/purchases/{purchase}/payment",
        tags: ["billing"],
        summary: "How far the payment of a purchase has come",
        middleware: guards.operator,
        request: { params: PurchaseParams },
        responses: { 200: json(PaymentView, "As Stripe had it last") },
      }),
      async (c) => c.json(paymentViewOf(await billing?.payment(c.req.valid("param").purchase)), 200),
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/billing/portal",
        tags: ["billing"],
        summary: "Where the reader changes the card or cancels",
        middleware: guards.user,
        responses: { 200: json(BillingPage, "A page at Stripe") },
      }),
      async (c) => c.json(await shop().portal(c.var.user.email), 200),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/billing/invoices",
        tags: ["billing"],
        summary: "The reader's invoices",
        middleware: guards.user,
        responses: { 200: json(z.object({ invoices: z.array(InvoiceView) }), "Newest first") },
      }),
      async (c) => c.json({ invoices: await shop().invoices(c.var.user.email) }, 200),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/subscriptions",
        tags: ["billing"],
        summary: "Subscriptions: the reader's own, or all for the operator",
        middleware: guards.user,
        responses: { 200: json(SubscriptionsView, "As Stripe had them last, and what each can be changed to") },
      }),
      async (c) => {
        if (billing === undefined) return c.json({ subscriptions: [], prices: [] }, 200);
        const own = (await billing.subscriptions()).filter((one) => maySee(one, c.var.user));
        const { prices, currency } = billing.onSale;
        return c.json({ subscriptions: own.map((one) => viewOf(one, billing)), prices: [...prices], currency }, 200);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/subscriptions/{subscription}/invoices",
        tags: ["billing"],
        summary: "All invoices of who pays for a subscription",
        middleware: guards.user,
        request: { params: SubscriptionParams },
        responses: { 200: json(z.object({ invoices: z.array(InvoiceView) }), "Newest first") },
      }),
      async (c) => {
        const { subscription: id } = c.req.valid("param");
        const one = (await shop().subscriptions()).find((known) => known.id === id);
        if (one === undefined || !maySee(one, c.var.user)) throw unknown(id);
        return c.json({ invoices: await shop().invoices(one.email) }, 200);
      },
    )
    .openapi(
      createRoute({
        method: "put",
        path: "/subscriptions/{subscription}/prices",
        tags: ["billing"],
        summary: "Change what is subscribed to: bundle, tier, add-ons, storage",
        middleware: guards.user,
        request: { params: SubscriptionParams, body: body(SubscriptionChange) },
        responses: { 200: json(SubscriptionView, "As it is now") },
      }),
      async (c) => {
        const { subscription: id } = c.req.valid("param");
        const { prices } = c.req.valid("json");
        const own = async () => (await shop().subscriptions()).find((one) => one.id === id);
        const before = await own();
        if (before === undefined || !maySee(before, c.var.user)) throw unknown(id);
        await shop().change(id, prices);
        const details = { from: before.prices, to: prices };
        await audit.write({ actor: c.var.user.email, action: "subscription.change", subject: id, details });
        const after = await own();
        if (after === undefined) throw unknown(id);
        return c.json(viewOf(after, shop()), 200);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/subscriptions/{subscription}/credits",
        tags: ["billing"],
        summary: "Credit a customer, for the next invoices",
        middleware: guards.operator,
        request: { params: SubscriptionParams, body: body(NewCredit) },
        responses: { 202: json(z.object({ id: z.string() }), "It goes to Stripe") },
      }),
      async (c) => {
        const { subscription } = c.req.valid("param");
        const { id, cents, reason } = c.req.valid("json");
        const to = (await shop().subscriptions()).find((one) => one.id === subscription);
        if (to === undefined) throw unknown(subscription);
        const details = { id, cents, reason };
        await shop().note(
          { id: `credit:${subscription}:${id}`, purchase: to.purchase, body: { kind: "credit", cents, reason } },
          { actor: c.var.user.email, action: "subscription.credit", subject: subscription, details },
        );
        return c.json({ id }, 202);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/revenue",
        tags: ["billing"],
        summary: "What the subscriptions bring: a month, by bundle, won and lost",
        middleware: guards.operator,
        responses: { 200: json(RevenueView, "As Stripe had them last") },
      }),
      async (c) =>
        c.json((await billing?.revenue()) ?? revenueOf([], { bundleTitles: new Map(), notices: [], now: now() }), 200),
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/billing/sync",
        tags: ["billing"],
        summary: "Bring Stripe's products and prices to what the catalog says, or show what that changes",
        middleware: guards.operator,
        request: { body: body(SyncRequest) },
        responses: { 200: json(SyncReport, "What there is to do, or what was done") },
      }),
      async (c) => {
        const { apply } = c.req.valid("json");
        const steps = await (apply ? shop().sync.apply() : shop().sync.plan());
        if (apply && steps.length > 0) {
          const details = { steps: steps.length };
          await audit.write({ actor: c.var.user.email, action: "billing.sync", subject: "stripe", details });
        }
        return c.json({ steps: steps.map(syncStepWords) }, 200);
      },
    );
}

const unknown = (id: string) => new Problem("not_found", `there is no subscription ${id}`);

const maySee = ({ email }: StoredSubscription, user: { readonly email: string; readonly role: string }) =>
  user.role === "operator" || email.toLowerCase() === user.email.toLowerCase();

const viewOf = (subscription: StoredSubscription, { next }: Billing): SubscriptionView =>
  SubscriptionView.parse({ ...subscription, next: next(subscription) });
