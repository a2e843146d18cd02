import { Hono } from "hono";
import { html } from "hono/html";
import { readCard } from "../cards.ts";
import type { Checkout } from "../routes/checkout.ts";
import type { World } from "../world.ts";
import { cardForm, complaint } from "./card-form.ts";
import { day, money, page, titleOf } from "./frame.ts";

/**
 * The hosted page of a Checkout session, and the one on which a bank asks its customer:
 * https://docs.stripe.com/payments/checkout/how-checkout-works and https://docs.stripe.com/payments/3d-secure/authentication-flow
 */
export function checkoutPages(world: World, checkout: Checkout): Hono {
  const over = page(
    "This checkout is over",
    "one",
    html`<h1>This checkout is over</h1><p>It was paid, or its time was up. Go back to where you came from.</p>`,
  );
  const onwards = (id: string) => world.sessions.get(id).success_url.replace("{CHECKOUT_SESSION_ID}", id);

  return new Hono()
    .get("/pay/:session", (c) => {
      const session = world.sessions.get(c.req.param("session"));
      if (session.status !== "open") return c.html(over, 410);
      const { lines, trialDays } = checkout.orderOf(session.id);
      const currency = lines[0]?.price.currency ?? "usd";
      const monthly = lines.reduce((sum, { price, quantity }) => sum + (price.unit_amount ?? 0) * quantity, 0);
      const due = trialDays === undefined ? monthly : 0;
      const email = world.customers.find(session.customer ?? "")?.email ?? session.customer_email;
      const first =
        trialDays === undefined ? "each month" : `free until ${day(world.now(session.customer) + trialDays * 86_400)}`;
      return c.html(
        page(
          "Checkout",
          "two",
          html`<div><p><a href="${session.cancel_url}">← Back</a></p><h1>Subscribe</h1>
<p class="sum">${money(monthly, currency)}<small>${first}</small></p>
<table>${lines.map(({ price, quantity }) => html`<tr><td>${titleOf(world, price.product)}${quantity > 1 ? ` × ${quantity}` : ""}</td><td>${money((price.unit_amount ?? 0) * quantity, currency)}</td></tr>`)}
<tr class="total"><td>Due today</td><td>${money(due, currency)}</td></tr></table></div>
<section><h2>Pay with card</h2>${cardForm(
            due === 0 ? "Start trial" : `Pay ${money(due, currency)}`,
            c.req.query("problem"),
            html`<label>E-mail<input name="email" type="email" value="${email}"${email === null ? "" : html` readonly`} required></label>`,
          )}</section>`,
        ),
      );
    })
    .post("/pay/:session", async (c) => {
      const id = c.req.param("session");
      const form = await c.req.parseBody();
      const entered = checkout.submit(id, readCard(form));
      if (entered.is === "refused") return c.redirect(`/pay/${id}?problem=${entered.why}`, 303);
      return c.redirect(entered.is === "authenticate" ? `/pay/${id}/authenticate` : onwards(id), 303);
    })
    .get("/pay/:session/authenticate", (c) => {
      const session = world.sessions.get(c.req.param("session"));
      if (session.status !== "open") return c.html(over, 410);
      return c.html(
        page(
          "Your bank asks",
          "one",
          html`<section><h1>Is it you?</h1><p>This is where the bank that gave out the card would ask.</p>${complaint(c.req.query("problem"))}
<form method="post" class="actions"><button class="main" name="answer" value="complete">Complete</button><button name="answer" value="fail">Fail</button></form></section>`,
        ),
      );
    })
    .post("/pay/:session/authenticate", async (c) => {
      const id = c.req.param("session");
      const { answer } = await c.req.parseBody();
      const entered = checkout.authenticate(id, answer === "complete");
      return c.redirect(entered.is === "refused" ? `/pay/${id}?problem=${entered.why}` : onwards(id), 303);
    });
}
