import type { InvoiceView } from "#shared/api/billing.ts";
import type { StripeAccount } from "./stripe.ts";

const SHOWN = 24;

/** Where the oldest invoice of a subscription can be paid that is open; nobody has to sign in there. `undefined` when none is. */
export async function payPageOf(stripe: StripeAccount, subscription: string): Promise<string | undefined> {
  const { data } = await stripe.ask((api) => api.invoices.list({ subscription, status: "open", limit: 100 }));
  return data.at(-1)?.hosted_invoice_url ?? undefined;
}

/** The newest invoices of a customer; drafts are none yet. */
export async function invoicesOf(stripe: StripeAccount, customer: string): Promise<InvoiceView[]> {
  const { data } = await stripe.ask((api) => api.invoices.list({ customer, limit: SHOWN }));
  return data
    .filter(({ status }) => status !== "draft")
    .map(({ id, number, status, total, currency, created, hosted_invoice_url: url, invoice_pdf: pdf }) => ({
      id,
      ...(number === null ? {} : { number }),
      status: status ?? "open",
      totalCents: total,
      currency,
      at: created * 1000,
      ...(url == null ? {} : { url }),
      ...(pdf == null ? {} : { pdf }),
    }));
}
