import { Hono } from "hono";
import { html } from "hono/html";
import { payInvoice } from "./invoicing.ts";
import { CARDS, type Checkout } from "./routes/checkout.ts";
import { cancelAtPeriodEnd } from "./routes/subscriptions.ts";
import type { World } from "./world.ts";

const page = (title: string, body: unknown) => html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title>
<style>body{font:16px system-ui;max-width:28rem;margin:3rem auto}button{margin:.5rem .5rem 0 0}</style></head>
<body><h1>${title}</h1>${body}</body>
</html>`;

/** The pages that a customer sees at Stripe: the checkout, and the portal. No JavaScript; each button is a form. */
export const stripePages = (world: World, checkout: Checkout) =>
  new Hono()
    .get("/pay/:session", (c) => {
      const session = world.sessions.get(c.req.param("session"));
      if (session.status !== "open") return c.html(page("This checkout is over", ""), 410);
      const total = `${(Number(session.amount_total) / 100).toFixed(2)} ${String(session.currency).toUpperCase()}`;
      return c.html(
        page(
          "Checkout",
          html`<p>Due today: <strong>${total}</strong></p>${c.req.query("declined") === undefined ? "" : html`<p role="alert">Your card was declined.</p>`}
<form method="post">
<button name="card" value="${CARDS.good}">Pay</button>
<button name="card" value="${CARDS.declined}">Pay with a card that is declined</button>
<button name="card" value="${CARDS.later}">Pay with a card that fails later</button>
</form><p><a href="${session.cancel_url}">Back</a></p>`,
        ),
      );
    })
    .post("/pay/:session", async (c) => {
      const { card } = await c.req.parseBody();
      const session = world.sessions.get(c.req.param("session"));
      const entered = checkout.submit(session.id, String(card));
      if (entered === "declined") return c.redirect(`/pay/${session.id}?declined`, 303);
      return c.redirect(session.success_url.replace("{CHECKOUT_SESSION_ID}", session.id), 303);
    })
    .get("/portal/:session", (c) => {
      const { customer, return_url: back } = world.portalSessions.get(c.req.param("session"));
      const own = world.subscriptions.all().filter((one) => one.customer === customer);
      return c.html(
        page(
          "Your subscriptions",
          html`${own.map(
            ({
              id,
              status,
              cancel_at_period_end: ends,
            }) => html`<section><h2>${id}</h2><p>${status}${ends ? ", ends with its period" : ""}</p>
<form method="post"><input type="hidden" name="subscription" value="${id}">
<button name="action" value="cancel">Cancel</button><button name="action" value="renew">Renew</button>
<button name="action" value="card">Another card</button></form></section>`,
          )}<p><a href="${back}">Back</a></p>`,
        ),
      );
    })
    .post("/portal/:session", async (c) => {
      const { customer } = world.portalSessions.get(c.req.param("session"));
      const { subscription: id, action } = await c.req.parseBody();
      const subscription = world.subscriptions.get(String(id));
      if (subscription.customer !== customer) return c.text("not yours", 403);
      if (action === "card") {
        const card = world.paymentMethods.make({ customer, type: "card" });
        subscription.default_payment_method = card.id;
        world.emit("payment_method.attached", card);
        for (const invoice of world.invoices.all()) {
          if (invoice.customer === customer && invoice.status === "open") payInvoice(world, invoice);
        }
      } else cancelAtPeriodEnd(world, subscription.id, action === "cancel");
      world.emit("customer.subscription.updated", subscription);
      return c.redirect(`/portal/${c.req.param("session")}`, 303);
    });
