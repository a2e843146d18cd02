import { z } from "zod";
import { parseOr } from "#shared/problem.ts";
import type { StripeEventNote } from "../store/stripe-events.ts";
import { type EndedSession, paidSessionOf } from "./session.ts";
import type { StripeAccount } from "./stripe.ts";

const Event = z.object({
  id: z.string().max(255),
  type: z.string().max(255),
  /** Seconds since the epoch. */
  created: z.number(),
  data: z.object({
    object: z.object({
      object: z.string(),
      id: z.string().optional(),
      parent: z
        .object({ subscription_details: z.object({ subscription: z.string() }).nullish() })
        .nullish()
        .catch(undefined),
    }),
  }),
});

/** What an event says that we go by: which object to look at. Its contents are old when they come. Pure. */
export function noteOf(event: unknown): StripeEventNote {
  const { id, type, created, data } = parseOr(Event, event, "the event");
  const { object, id: subject, parent } = data.object;
  const subscription = object === "subscription" ? subject : parent?.subscription_details?.subscription;
  const target =
    object === "checkout.session" && subject !== undefined
      ? `session ${subject}`
      : subscription === undefined
        ? undefined
        : `subscription ${subscription}`;
  return { id, type, target, createdAt: created * 1000 };
}

export interface WebhookParts {
  readonly stripe: StripeAccount;
  readonly now: () => number;
  /** Stores an event, with what it says that stays so. Returns when it is stored. */
  readonly take: (note: StripeEventNote, told: EndedSession | undefined) => Promise<void>;
}

/**
 * Takes in what Stripe tells: whose signature is right is stored, and only then answered.
 * https://docs.stripe.com/webhooks#best-practices
 * @param body As it came, byte for byte: it is what was signed.
 * @throws {Problem} `signature_invalid`, `invalid_input`
 */
export async function receiveWebhook(parts: WebhookParts, body: string, signature: string | undefined): Promise<void> {
  const { stripe, now, take } = parts;
  const event = stripe.readEvent(body, signature, now());
  await take(noteOf(event), paidSessionOf(event));
}
