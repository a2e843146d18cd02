import { Hono } from "hono";
import { html } from "hono/html";
import { faceOf, judgeCard, readCard } from "../cards.ts";
import { payInvoice } from "../invoicing.ts";
import type { World } from "../world.ts";
import { cardForm } from "./card-form.ts";
import { day, money, page } from "./frame.ts";
import { renderInvoice } from "./invoice-pdf.ts";

/** The page of an invoice, where an open one can be paid by whoever has its address: https://docs.stripe.com/invoicing/hosted-invoice-page */
export const invoicePages = (world: World): Hono =>
  new Hono()
    .get("/i/:invoice", (c) => {
      const invoice = world.invoices.get(c.req.param("invoice"));
      const { number, status, currency, total, amount_due: due, amount_paid: paid } = invoice;
      const sums = [
        ["Total", total],
        ...(invoice.starting_balance === 0 ? [] : [["From your balance", due - total] as const]),
        [status === "paid" ? "Paid" : "Due", status === "paid" ? paid : due],
      ] as const;
      return c.html(
        page(
          `Invoice ${number}`,
          "one",
          html`<section><h1>Invoice ${number}</h1>
<p class="soft">For ${world.customers.get(invoice.customer).email}, ${day(invoice.status_transitions.finalized_at ?? invoice.created)}. It is ${status}.</p>
<table>${invoice.lines.data.map((line) => html`<tr><td>${line.description}</td><td>${money(line.amount, currency)}</td></tr>`)}
${sums.map(([title, cents]) => html`<tr class="total"><td>${title}</td><td>${money(cents, currency)}</td></tr>`)}</table>
<p class="actions"><a class="button" href="${invoice.invoice_pdf}">Download the invoice</a></p></section>
${status === "open" ? html`<section><h2>Pay with card</h2>${cardForm(`Pay ${money(due, currency)}`, c.req.query("problem"))}</section>` : ""}`,
        ),
      );
    })
    .post("/i/:invoice", async (c) => {
      const invoice = world.invoices.get(c.req.param("invoice"));
      const { id, customer, status } = invoice;
      if (status !== "open") return c.redirect(`/i/${id}`, 303);
      const typed = readCard(await c.req.parseBody());
      const verdict = judgeCard(typed, world.now(customer));
      if (verdict.is === "refused") return c.redirect(`/i/${id}?problem=${verdict.why}`, 303);
      const card = world.paymentMethods.make({ customer, type: "card", card: faceOf(typed) });
      payInvoice(world, invoice, card.id);
      return c.redirect(`/i/${id}`, 303);
    })
    .get("/invoice/:invoice/pdf", async (c) => {
      const invoice = world.invoices.get(c.req.param("invoice"));
      const email = world.customers.get(invoice.customer).email ?? "";
      return c.body(await renderInvoice(invoice, email), 200, {
        "content-type": "application/pdf",
        "content-disposition": `attachment; filename="Invoice-${invoice.number}.pdf"`,
      });
    });
