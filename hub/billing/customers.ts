import { hashOf } from "#shared/hash.ts";
import type { BillingCustomerStore } from "../store/billing-customers.ts";
import type { StripeAccount } from "./stripe.ts";

/** Finds or makes the customer of an address; one for each, whoever asks how often. */
export async function customerOf(
  stripe: StripeAccount,
  customers: BillingCustomerStore,
  email: string,
): Promise<string> {
  const known = await customers.get(email);
  if (known !== undefined) return known;
  const address = email.toLowerCase();
  // One that was made just before this hub died. The oldest counts, so that all find the same.
  const { data } = await stripe.ask((api) => api.customers.list({ email: address, limit: 100 }));
  const made = data.findLast(({ metadata }) => metadata.wopr === "owner");
  const { id } =
    made ??
    (await stripe.make(`customer:${hashOf(address).slice(0, 32)}`, (api, options) =>
      api.customers.create({ email: address, metadata: { wopr: "owner" } }, options),
    ));
  return customers.put(email, id);
}
