import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { faceOf, judgeCard, readCard } from "../cards.ts";
import { payInvoice } from "../invoicing.ts";
import type { Subscription } from "../objects.ts";
import { cancelAtPeriodEnd } from "../routes/subscriptions.ts";
import { endSubscription } from "../subscribing.ts";
import type { World } from "../world.ts";
import { cardForm } from "./card-form.ts";
import { day, money, page, titleOf } from "./frame.ts";

/** What customers may do there: https://docs.stripe.com/api/customer_portal/configurations/object */
export interface PortalSettings {
  /** `features.subscription_cancel.mode` */
  readonly cancel: "at_period_end" | "immediately";
}

/** The customer portal: https://docs.stripe.com/customer-management */
export function portalPages(world: World, settings: () => PortalSettings): Hono {
  const session = (c: Context<object, "/portal/:session">) => world.portalSessions.get(c.req.param("session"));
  const periodEnd = ({ items }: Subscription) => items.data[0]?.current_period_end ?? 0;

  const changeCard = (subscription: Subscription, form: Record<string, unknown>) => {
    const { customer } = subscription;
    const typed = readCard(form);
    const verdict = judgeCard(typed, world.now(customer));
    if (verdict.is === "refused") return verdict.why;
    const card = world.paymentMethods.make({ customer, type: "card", card: faceOf(typed) });
    subscription.default_payment_method = card.id;
    world.emit("payment_method.attached", card);
    for (const invoice of world.invoices.all()) {
      if (invoice.customer === customer && invoice.status === "open") payInvoice(world, invoice);
    }
    world.emit("customer.subscription.updated", subscription);
    return undefined;
  };

  return new Hono()
    .get("/portal/:session", (c) => {
      const { id, customer, return_url: back } = session(c);
      const own = world.subscriptions.all().filter((one) => one.customer === customer);
      const invoices = world.invoices.all().filter((one) => one.customer === customer && one.status !== "draft");
      return c.html(
        page(
          "Billing",
          "one",
          html`<div><p><a href="${back}">← Back</a></p><h1>Billing</h1><p class="soft">${world.customers.get(customer).email}</p>
${own.map((one) => subscriptionCard(one, `/portal/${id}`))}
<section><h2>Invoices</h2><table>${invoices.map((one) => html`<tr><td><a href="${one.hosted_invoice_url}">${day(one.created)}</a></td><td>${money(one.total, one.currency)}</td><td>${tag(one.status)}</td></tr>`)}</table></section></div>`,
        ),
      );
    })
    .get("/portal/:session/:subscription/:what{cancel|card}", (c) => {
      const { id, customer } = session(c);
      const { subscription, what } = c.req.param();
      const one = world.subscriptions.get(subscription);
      if (one.customer !== customer) return c.text("not yours", 403);
      if (what === "card") {
        return c.html(
          page(
            "Payment method",
            "one",
            html`<section><h1>Another card</h1>${cardForm("Save", c.req.query("problem"))}<p><a href="/portal/${id}">Go back</a></p></section>`,
          ),
        );
      }
      const until =
        settings().cancel === "immediately"
          ? "It ends at once."
          : `It will still be available until ${day(periodEnd(one))}.`;
      return c.html(
        page(
          "Cancel your plan",
          "one",
          html`<section><h1>Cancel your plan</h1><p>${names(one)}</p><p>${until}</p>
<form method="post" action="/portal/${id}" class="actions"><input type="hidden" name="subscription" value="${one.id}">
<button class="grave" name="action" value="cancel">Cancel plan</button><a class="button" href="/portal/${id}">Go back</a></form></section>`,
        ),
      );
    })
    .post("/portal/:session/:subscription/card", async (c) => {
      const { id, customer } = world.portalSessions.get(c.req.param("session"));
      const one = world.subscriptions.get(c.req.param("subscription"));
      if (one.customer !== customer) return c.text("not yours", 403);
      const problem = changeCard(one, await c.req.parseBody());
      return c.redirect(
        problem === undefined ? `/portal/${id}` : `/portal/${id}/${one.id}/card?problem=${problem}`,
        303,
      );
    })
    .post("/portal/:session", async (c) => {
      const { id, customer } = session(c);
      const { subscription, action, ...form } = await c.req.parseBody();
      const one = world.subscriptions.get(String(subscription));
      if (one.customer !== customer) return c.text("not yours", 403);
      if (action === "card") changeCard(one, form);
      else if (action === "cancel" && settings().cancel === "immediately") endSubscription(world, one);
      else {
        cancelAtPeriodEnd(world, one.id, action === "cancel");
        world.emit("customer.subscription.updated", one);
      }
      return c.redirect(`/portal/${id}`, 303);
    });

  function names({ items }: Subscription): string {
    return items.data.map(({ price }) => titleOf(world, price.product)).join(", ");
  }

  function subscriptionCard(one: Subscription, path: string) {
    const monthly = one.items.data.reduce(
      (sum, { price, quantity = 1 }) => sum + (price.unit_amount ?? 0) * quantity,
      0,
    );
    const card = world.paymentMethods.find(one.default_payment_method ?? "")?.card;
    const isOver = one.status === "canceled";
    const until = isOver
      ? `Ended on ${day(one.ended_at ?? 0)}.`
      : one.cancel_at !== null
        ? `Ends on ${day(one.cancel_at)}.`
        : `${one.status === "trialing" ? "Paid for first" : "Renews"} on ${day(periodEnd(one))}.`;
    return html`<section><h2>${names(one)} ${tag(one.status)}</h2>
<p>${money(monthly, one.items.data[0]?.price.currency ?? "usd")} a month. ${until}</p>
${
  isOver
    ? ""
    : html`<p class="soft">${card === undefined ? "No card" : `${card.brand} •••• ${card.last4}, expires ${String(card.exp_month).padStart(2, "0")}/${card.exp_year}`}</p>
<form method="post" class="actions"><input type="hidden" name="subscription" value="${one.id}">
${one.cancel_at === null ? html`<a class="button" href="${path}/${one.id}/cancel">Cancel plan</a>` : html`<button name="action" value="renew">Don't cancel plan</button>`}
<a class="button" href="${path}/${one.id}/card">Another card</a></form>`
}</section>`;
  }
}

const tag = (status: string) =>
  html`<span class="tag${["active", "paid", "trialing"].includes(status) ? "" : " warn"}">${status.replaceAll("_", " ")}</span>`;
