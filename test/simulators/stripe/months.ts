/** Seconds since the epoch a month later, on the same day or the last one of a shorter month. https://docs.stripe.com/billing/subscriptions/billing-cycle */
export function monthLater(at: number): number {
  const from = new Date(at * 1000);
  const to = new Date(from);
  to.setUTCDate(1);
  to.setUTCMonth(from.getUTCMonth() + 1);
  const days = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate();
  to.setUTCDate(Math.min(from.getUTCDate(), days));
  return Math.floor(to.getTime() / 1000);
}
