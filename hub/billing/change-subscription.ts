import { Problem } from "#shared/problem.ts";
import type { Lanes } from "../lanes.ts";
import type { SubscriptionStore } from "../store/subscriptions.ts";
import type { Books } from "./books.ts";
import { planItems } from "./plan-items.ts";
import { priceIdsOf } from "./prices.ts";
import type { StripeAccount } from "./stripe.ts";

export interface ChangeParts {
  readonly stripe: StripeAccount;
  readonly subscriptions: SubscriptionStore;
  readonly books: Pick<Books, "refresh">;
  readonly lanes: Lanes;
  /** Whether what is wanted has room for what is there. @throws {Problem} when it has not */
  readonly mayChange: (change: PriceChange) => Promise<void>;
}

export interface PriceChange {
  readonly purchase: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/**
 * Changes what is subscribed to: another tier or bundle, add-ons bought and dropped. What is more is paid for at once, for the rest of the
 * period, or nothing changes; what is less is credited to the next invoice. The same again changes nothing. The beacon follows from what
 * Stripe says then (`life.ts`), whoever is killed meanwhile.
 * @throws {Problem} `not_found`, `conflict`, `payment_declined`, what `mayChange` and `StripeAccount.ask` throw
 */
export const changeSubscription = (parts: ChangeParts, id: string, wanted: readonly string[]): Promise<void> =>
  parts.lanes(id, async () => {
    const { stripe, subscriptions, books, mayChange } = parts;
    const stored = await subscriptions.get(id);
    if (stored === undefined) throw new Problem("not_found", `there is no subscription ${id}`);
    if (wanted.filter((key) => key.startsWith("bundle_")).length !== 1) {
      throw new Problem("invalid_input", "a subscription has exactly one bundle");
    }
    const { items, status } = await stripe.ask((api) => api.subscriptions.retrieve(id));
    if (status !== "active" && status !== "trialing") {
      throw new Problem("conflict", `the subscription is ${status}`, { hint: "Pay what is open first." });
    }
    const present = items.data.map(({ id: item, price: { product, unit_amount: cents } }) => ({
      id: item,
      key: typeof product === "string" ? product : product.id,
      cents: cents ?? 0,
    }));
    const change = { purchase: stored.purchase, from: present.map(({ key }) => key).sort(), to: [...wanted].sort() };
    const plan = planItems(present, wanted);
    if (plan.length > 0) {
      await mayChange(change);
      const fresh = plan.flatMap((one) => ("key" in one ? [one.key] : []));
      const prices = new Map((await priceIdsOf(stripe, fresh)).map((price, index) => [fresh[index], price]));
      await stripe.ask((api) =>
        api.subscriptions.update(id, {
          items: plan.map((one) =>
            "deleted" in one
              ? { id: one.id, deleted: true }
              : { ...("id" in one ? { id: one.id } : {}), price: prices.get(one.key) ?? "" },
          ),
          // Whatever is due is collected in the same call or nothing changes; what is left over is the customer's credit.
          proration_behavior: fresh.length > 0 ? "always_invoice" : "create_prorations",
          payment_behavior: "error_if_incomplete",
        }),
      );
    }
    await books.refresh(id);
  });
