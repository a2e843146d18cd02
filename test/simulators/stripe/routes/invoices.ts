import { Hono } from "hono";
import { z } from "zod";
import { declined, invalid, paramsOf } from "../failure.ts";
import { payInvoice, voidInvoice } from "../invoicing.ts";
import { integer, metadata, pageOf, pageParams } from "../lists.ts";
import type { StripeEnv } from "../routes.ts";
import type { World } from "../world.ts";

const Invoices = z.strictObject({
  ...pageParams,
  customer: z.string().optional(),
  subscription: z.string().optional(),
  status: z.string().optional(),
});
const Payments = z.strictObject({ ...pageParams, invoice: z.string().optional(), status: z.string().optional() });
const NewRefund = z.strictObject({
  payment_intent: z.string(),
  amount: integer.optional(),
  reason: z.string().optional(),
  metadata: metadata.default({}),
});
const NewCreditNote = z.strictObject({
  invoice: z.string(),
  amount: integer,
  credit_amount: integer.optional(),
  refund_amount: integer.optional(),
  memo: z.string().optional(),
  metadata: metadata.default({}),
});

/** Invoices, what was paid for them, and what is given back. */
export const invoiceRoutes = (world: World) =>
  new Hono<StripeEnv>()
    .get("/v1/invoices", (c) => {
      const { customer, subscription, status, ...page } = paramsOf(Invoices, c.var.params);
      const fits = world.invoices
        .all()
        .filter((one) => one.customer === (customer ?? one.customer) && one.status === (status ?? one.status))
        .filter(
          ({ parent }) =>
            (subscription ?? parent?.subscription_details?.subscription) === parent?.subscription_details?.subscription,
        );
      return c.json(pageOf("/v1/invoices", fits, page));
    })
    .get("/v1/invoices/:id", (c) => c.json(world.invoices.get(c.req.param("id"))))
    .post("/v1/invoices/:id/pay", (c) => {
      const invoice = world.invoices.get(c.req.param("id"));
      if (invoice.status !== "open") throw invalid(`Invoice is ${invoice.status}`);
      if (!payInvoice(world, invoice)) throw declined();
      return c.json(invoice);
    })
    .post("/v1/invoices/:id/void", (c) => {
      const invoice = world.invoices.get(c.req.param("id"));
      if (invoice.status !== "open" && invoice.status !== "uncollectible") {
        throw invalid(`You can only void an open invoice. This one is ${invoice.status}.`);
      }
      voidInvoice(world, invoice);
      return c.json(invoice);
    })
    .delete("/v1/invoices/:id", (c) => {
      const invoice = world.invoices.get(c.req.param("id"));
      if (invoice.status !== "draft") throw invalid("You can only delete draft invoices");
      world.invoices.remove(invoice.id);
      world.emit("invoice.deleted", invoice);
      return c.json({ id: invoice.id, object: "invoice", deleted: true });
    })
    .get("/v1/invoice_payments", (c) => {
      const { invoice, status, ...page } = paramsOf(Payments, c.var.params);
      const fits = world.invoicePayments
        .all()
        .filter((one) => one.invoice === (invoice ?? one.invoice) && one.status === (status ?? one.status));
      return c.json(pageOf("/v1/invoice_payments", fits, page));
    })
    .get("/v1/payment_intents/:id", (c) => c.json(world.paymentIntents.get(c.req.param("id"))))
    .post("/v1/refunds", (c) => {
      const params = paramsOf(NewRefund, c.var.params);
      const intent = world.paymentIntents.get(params.payment_intent);
      const back = world.refunds
        .all()
        .filter((one) => one.payment_intent === intent.id)
        .reduce((sum, { amount }) => sum + amount, 0);
      const left = intent.amount_received - back;
      if (left === 0) throw invalid(`Charge of ${intent.id} has already been refunded.`, "charge_already_refunded");
      const amount = params.amount ?? left;
      if (amount > left) throw invalid(`Refund amount (${amount}) is greater than unrefunded amount (${left})`);
      const refund = world.refunds.make({ ...params, amount, currency: intent.currency, status: "succeeded" });
      world.emit("refund.created", refund);
      return c.json(refund);
    })
    .post("/v1/credit_notes", (c) => {
      const params = paramsOf(NewCreditNote, c.var.params);
      const invoice = world.invoices.get(params.invoice);
      const customer = world.customers.get(invoice.customer);
      customer.balance -= params.credit_amount ?? 0;
      const note = world.creditNotes.make({
        invoice: invoice.id,
        amount: params.amount,
        customer: customer.id,
        currency: invoice.currency,
        total: params.amount,
        subtotal: params.amount,
        memo: params.memo ?? null,
        metadata: params.metadata,
        number: `${invoice.number}-CN`,
        pdf: `https://pay.stripe.test/credit_notes/${invoice.id}/pdf`,
        status: "issued",
      });
      world.emit("credit_note.created", note);
      return c.json(note);
    });
