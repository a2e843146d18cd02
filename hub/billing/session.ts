import { z } from "zod";
import { idOf } from "./snapshot.ts";
import type { StripeAccount } from "./stripe.ts";

/** What counts of a checkout that is over. */
export type EndedSession =
  | { readonly state: "expired"; readonly purchase: string }
  | {
      /** Or its trial has begun. It stays so: refunds are another thing. */
      readonly state: "paid";
      readonly purchase: string;
      readonly subscription: string;
      readonly customer: string;
    };

interface Session {
  readonly status?: string | null;
  readonly payment_status?: string | null;
  readonly client_reference_id?: string | null;
  readonly subscription?: string | { readonly id: string } | null;
  readonly customer?: string | { readonly id: string } | null;
}

/** `undefined` while it is open, or waits for its money. Pure. */
function endOf({
  status,
  payment_status,
  client_reference_id,
  subscription,
  customer,
}: Session): EndedSession | undefined {
  const purchase = client_reference_id ?? "";
  if (status === "expired") return { state: "expired", purchase };
  if (status !== "complete" || payment_status === "unpaid" || subscription == null || customer == null)
    return undefined;
  return { state: "paid", purchase, subscription: idOf(subscription), customer: idOf(customer) };
}

/** A checkout as Stripe has it now. @throws {Problem} what `StripeAccount.ask` throws */
export const readSession = async (stripe: StripeAccount, id: string): Promise<EndedSession | undefined> =>
  endOf(await stripe.ask((api) => api.checkout.sessions.retrieve(id)));

const PaidEvent = z.object({
  data: z.object({
    object: z.object({
      object: z.literal("checkout.session"),
      status: z.literal("complete"),
      payment_status: z.enum(["paid", "no_payment_required"]),
      client_reference_id: z.string(),
      subscription: z.string(),
      customer: z.string(),
    }),
  }),
});

/**
 * The one thing that is taken from an event itself: a checkout that was complete and paid then is so for good, so nobody has to be asked
 * for it, and whoever has just paid waits for one request less. Pure.
 * https://docs.stripe.com/api/checkout/sessions/object#checkout_session_object-status
 * @returns `undefined` for an event that says anything else, or says it in words that are not known
 */
export function paidSessionOf(event: unknown): EndedSession | undefined {
  const { data } = PaidEvent.safeParse(event);
  return data === undefined ? undefined : endOf(data.data.object);
}
