import { hc } from "hono/client";
import { z } from "zod";
import type { HubApi as HubRoutes } from "#hub/http/app.ts";
import { BillingPage, InvoiceView, PaymentView, SubscriptionsView, SubscriptionView } from "#shared/api/billing.ts";
import { RevenueView } from "#shared/api/revenue.ts";
import { readAnswer } from "#ui/http.ts";
import { createPatientFetch } from "#ui/patient-fetch.ts";

const Anything = z.unknown();
const Invoices = z.object({ invoices: z.array(InvoiceView) });

/** Something that a customer is given for the next invoices. */
export interface Credit {
  /** The same again gives it once. */
  readonly id: string;
  readonly cents: number;
  readonly reason: string;
}

/** What pages about money ask the hub, loaded with them. Each throws `Problem`. */
export function createSalesApi() {
  const hub = hc<HubRoutes>("/api", { fetch: createPatientFetch(fetch) });
  return {
    payment: (purchase: string) =>
      readAnswer(PaymentView, hub.purchases[":purchase"].payment.$get({ param: { purchase } })),
    subscriptions: () => readAnswer(SubscriptionsView, hub.subscriptions.$get()),
    change: (subscription: string, prices: string[]) =>
      readAnswer(
        SubscriptionView,
        hub.subscriptions[":subscription"].prices.$put({ param: { subscription }, json: { prices } }),
      ),
    credit: (subscription: string, json: Credit) =>
      readAnswer(Anything, hub.subscriptions[":subscription"].credits.$post({ param: { subscription }, json })),
    invoicesOf: async (subscription: string) => {
      const answer = hub.subscriptions[":subscription"].invoices.$get({ param: { subscription } });
      return (await readAnswer(Invoices, answer)).invoices;
    },
    revenue: () => readAnswer(RevenueView, hub.revenue.$get()),
    /** The reader's own. */
    invoices: async () => (await readAnswer(Invoices, hub.billing.invoices.$get())).invoices,
    portal: async () => (await readAnswer(BillingPage, hub.billing.portal.$post())).url,
  };
}
export type SalesApi = ReturnType<typeof createSalesApi>;
