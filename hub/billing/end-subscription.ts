import type { StripeAccount } from "./stripe.ts";

const MOST_INVOICES = 1_000;

/**
 * Ends a subscription at once, and sees to it that nothing more is paid for it: what is open is void, drafts are gone. What is so already
 * stays so.
 * @throws {Problem} what `StripeAccount.ask` throws: call it again
 */
export async function endSubscription(stripe: StripeAccount, id: string): Promise<void> {
  const { status } = await stripe.ask((api) => api.subscriptions.retrieve(id));
  if (status !== "canceled" && status !== "incomplete_expired") {
    await stripe.ask((api) => api.subscriptions.cancel(id, { prorate: false, invoice_now: false }));
  }
  for (const { id: invoice, status } of await invoicesOfSubscription(stripe, id)) {
    if (status === "draft") await stripe.ask((api) => api.invoices.del(invoice));
    if (status === "open") await stripe.ask((api) => api.invoices.voidInvoice(invoice));
  }
}

export const invoicesOfSubscription = (stripe: StripeAccount, subscription: string) =>
  stripe.ask((api) => api.invoices.list({ subscription, limit: 100 }).autoPagingToArray({ limit: MOST_INVOICES }));
