import { orderReceivedMail } from "../../mail/templates/order-received.ts";
import { orderPath } from "../../shop/checkout.ts";
import { orderReceivedIdOf } from "../derived-ids.ts";
import type { State } from "../state.ts";

/** Who pays in the last minute of the checkout must not find the name given away before the news of it is here. */
const GRACE_MS = 600_000;
const LOOK_MS = 60_000;

/**
 * Waits for the money, or for an operator who lets the order pass without; the name is held meanwhile. An operator's own order has
 * neither to come unless it has a price.
 */
export const pending = {
  state: "PENDING",
  title: "Waiting for the payment",
  attempts: 10,
  run: async ({ billing, mails, publicUrl, zone, now }, { id, purchase }) => {
    const { approvedAt, beaconName, email, sale } = purchase;
    if (approvedAt !== undefined || (await billing.isPaid(purchase.id))) return { next: "The order is accepted." };
    const { awaits = "payment", expiresAt } = sale ?? {};
    const leftMs = expiresAt === undefined ? LOOK_MS : expiresAt + GRACE_MS - now();
    if (leftMs <= 0) return { cancel: `The ${awaits} did not come in time.` };
    if (awaits === "approval") {
      // It may take days: the page of the order must be found again.
      const orderUrl = publicUrl + orderPath(purchase.id);
      const words = orderReceivedMail({ domain: `${beaconName}.${zone}`, orderUrl });
      await mails.send({ id: orderReceivedIdOf(id), recipient: email, attachment: undefined, ...words });
    }
    return { wait: `the ${awaits}`, ms: Math.min(LOOK_MS, leftMs) };
  },
  undo: async ({ billing, mails }, job) => {
    await mails.withdraw(orderReceivedIdOf(job.id));
    await billing.takeBack(job.purchase.id);
  },
} satisfies State;
