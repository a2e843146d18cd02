import type { State } from "../state.ts";

/** Who pays in the last minute of the checkout must not find the name given away before the news of it is here. */
const GRACE_MS = 600_000;
const LOOK_MS = 60_000;

/**
 * Waits for the money, or for an operator who lets the order pass without; the name is held meanwhile. An operator's own order has
 * neither to come with billing `none`.
 */
export const pending = {
  state: "PENDING",
  title: "Waiting for the payment",
  attempts: 10,
  run: async ({ billing, now }, { purchase }) => {
    if (purchase.approvedAt !== undefined || (await billing.isPaid(purchase.id)))
      return { next: "The order is accepted." };
    const { awaits = "payment", expiresAt } = purchase.sale ?? {};
    const leftMs = expiresAt === undefined ? LOOK_MS : expiresAt + GRACE_MS - now();
    if (leftMs <= 0) return { cancel: `The ${awaits} did not come in time.` };
    return { wait: `the ${awaits}`, ms: Math.min(LOOK_MS, leftMs) };
  },
} satisfies State;
