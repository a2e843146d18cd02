import { amountsOf } from "./snapshot.ts";
import type { StripeAccount } from "./stripe.ts";

/** A subscription that a hub has made, as Stripe has it now. */
export interface StripeSubscription {
  readonly id: string;
  /** Id of what it pays for, which may be another hub's in the same account. */
  readonly purchase: string;
  readonly status: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly monthlyCents: number;
  readonly currency: string;
}

const PAGE = 100;

/**
 * All that are not ended, those of other hubs in the same account, too; what was subscribed to by other means is left out.
 * https://docs.stripe.com/api/subscriptions/list
 * @throws {Problem} what `StripeAccount.ask` throws
 */
export async function subscriptionsAtStripe(stripe: StripeAccount): Promise<StripeSubscription[]> {
  const subscriptions = await stripe.ask((api) => Array.fromAsync(api.subscriptions.list({ limit: PAGE })));
  return subscriptions.flatMap(({ id, metadata: { purchase }, status, created, currency, items }) =>
    purchase === undefined
      ? []
      : [{ id, purchase, status, createdAt: created * 1000, ...amountsOf({ currency, items }) }],
  );
}
