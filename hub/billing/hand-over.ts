import type { BillingCustomerStore } from "../store/billing-customers.ts";
import type { PaymentStore } from "../store/payments.ts";
import type { PurchaseStore } from "../store/purchases.ts";
import type { SubscriptionStore } from "../store/subscriptions.ts";
import type { StripeAccount } from "./stripe.ts";

export interface HandOverParts {
  readonly stripe: StripeAccount;
  readonly payments: Pick<PaymentStore, "get">;
  readonly purchases: Pick<PurchaseStore, "handOver">;
  readonly subscriptions: Pick<SubscriptionStore, "list">;
  readonly customers: Pick<BillingCustomerStore, "get" | "move">;
}

/**
 * Has bills and reminders of a purchase go to another address. A subscription stays with its customer for good
 * (https://docs.stripe.com/api/subscriptions/update has no `customer`), so that it is the customer's address that changes, where it is
 * nobody else's concern. The same again changes nothing.
 * @returns what came of it, in words @throws {Problem} what `StripeAccount.ask` throws
 */
export async function handOver(parts: HandOverParts, purchase: string, email: string): Promise<string> {
  const { stripe, payments, purchases, subscriptions, customers } = parts;
  const customer = (await payments.get(purchase))?.customer;
  await purchases.handOver(purchase, email);
  if (customer === undefined) return "Nothing is paid for it.";
  const isAlone = (await subscriptions.list()).every((one) => one.customer !== customer || one.purchase === purchase);
  const known = await customers.get(email);
  if (!isAlone || (known !== undefined && known !== customer)) {
    return `Reminders go to ${email}. Bills and the card stay the former owner's at Stripe, where a subscription cannot move to another customer: end it there, and order for the new owner.`;
  }
  await stripe.ask((api) => api.customers.update(customer, { email: email.toLowerCase() }));
  await customers.move(customer, email);
  return `Bills and reminders go to ${email}. The card that pays stays until its new owner puts in another one.`;
}
