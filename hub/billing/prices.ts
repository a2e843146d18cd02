import { Problem } from "#shared/problem.ts";
import type { StripeAccount } from "./stripe.ts";

/** https://docs.stripe.com/api/prices/list#list_prices-lookup_keys */
const MOST_KEYS = 10;

/**
 * Ids of the prices that hold these lookup keys, in their order.
 * @throws {Problem} `billing_refused` that names the keys that Stripe does not know, and what `StripeAccount.ask` throws
 */
export async function priceIdsOf(stripe: StripeAccount, keys: readonly string[]): Promise<string[]> {
  const found = new Map<string, string>();
  for (let from = 0; from < keys.length; from += MOST_KEYS) {
    const some = keys.slice(from, from + MOST_KEYS);
    const { data } = await stripe.ask((api) => api.prices.list({ lookup_keys: some, active: true, limit: MOST_KEYS }));
    for (const { id, lookup_key: key } of data) if (key !== null) found.set(key, id);
  }
  const unknown = keys.filter((key) => !found.has(key));
  if (unknown.length > 0) {
    throw new Problem("billing_refused", `Stripe has no price for ${unknown.join(", ")}`, {
      hint: "Run: wopr billing sync",
    });
  }
  return keys.flatMap((key) => found.get(key) ?? []);
}
