import type { State } from "../state.ts";

/** Waits for the money. With billing `none` an order is paid by being placed. */
export const pending = {
  state: "PENDING",
  title: "Waiting for the payment",
  attempts: 10,
  run: async ({ billing }, job) =>
    (await billing.isPaid(job.purchase.id)) ? { next: "The order is accepted." } : { wait: "the payment", ms: 60_000 },
} satisfies State;
