import { finalizeInvoice, makeInvoice, payInvoice } from "./invoicing.ts";
import { monthLater } from "./months.ts";
import type { Subscription } from "./objects.ts";
import { DAY_S, endSubscription, linesOf } from "./subscribing.ts";
import type { World } from "./world.ts";

/** Something that time alone brings about. */
interface Due {
  readonly at: number;
  readonly happen: () => void;
}

/**
 * Has happen what lies between now and then, in its order: trials that end, renewals, invoices that are closed, payments that are tried
 * again, sessions that expire.
 * @param to Seconds since the epoch.
 * @param clock Of the customers with this test clock, or of those without one.
 * @param setTime Called with the time of each thing before it happens.
 */
export function passTime(world: World, to: number, clock: string | null, setTime: (at: number) => void): void {
  for (;;) {
    const next = dueIn(world, clock)
      .filter(({ at }) => at <= to)
      .sort((a, b) => a.at - b.at)[0];
    if (next === undefined) break;
    setTime(next.at);
    next.happen();
  }
  setTime(to);
}

function dueIn(world: World, clock: string | null): Due[] {
  const isOurs = ({ customer }: { readonly customer: string | null }) =>
    (world.customers.find(customer ?? "")?.test_clock ?? null) === clock;
  const running = world.subscriptions.all().filter((one) => isOurs(one) && isRunning(one));
  const invoices = world.invoices.all().filter(isOurs);
  return [
    ...running.flatMap((subscription) => [...trialWarning(world, subscription), ...periodEnd(world, subscription)]),
    ...world.subscriptions
      .all()
      .filter((one) => isOurs(one) && one.status === "incomplete")
      .map((one) => ({ at: one.created + 23 * 3600, happen: () => expire(world, one) })),
    ...invoices.flatMap((invoice) => {
      const at = invoice.automatically_finalizes_at;
      if (invoice.status !== "draft" || at === null || !invoice.auto_advance) return [];
      const happen = () => {
        finalizeInvoice(world, invoice);
        payInvoice(world, invoice);
      };
      return [{ at, happen }];
    }),
    ...invoices.flatMap((invoice) => {
      const at = invoice.next_payment_attempt;
      return invoice.status === "open" && at !== null ? [{ at, happen: () => void payInvoice(world, invoice) }] : [];
    }),
    ...world.sessions
      .all()
      .filter((one) => isOurs(one) && one.status === "open")
      .map((session) => ({
        at: session.expires_at,
        happen: () => {
          session.status = "expired";
          session.url = null;
          world.emit("checkout.session.expired", session);
        },
      })),
  ];
}

const isRunning = ({ status }: Subscription) => ["trialing", "active", "past_due", "unpaid"].includes(status);

function expire(world: World, subscription: Subscription): void {
  subscription.status = "incomplete_expired";
  world.emit("customer.subscription.updated", subscription);
}

/** Three days before the end: https://docs.stripe.com/api/events/types#event_types-customer.subscription.trial_will_end */
function trialWarning(world: World, subscription: Subscription): Due[] {
  const { trial_end: end, trial_start: start, status, customer, id } = subscription;
  if (end === null || start === null || status !== "trialing") return [];
  const at = Math.max(end - 3 * DAY_S, start + 1);
  const isTold = world.events
    .all()
    .some((event) => event.type === "customer.subscription.trial_will_end" && JSON.stringify(event).includes(id));
  if (isTold || world.now(customer) > end) return [];
  return [{ at, happen: () => world.emit("customer.subscription.trial_will_end", subscription) }];
}

function periodEnd(world: World, subscription: Subscription): Due[] {
  const [first] = subscription.items.data;
  if (first === undefined) return [];
  const at = subscription.cancel_at ?? first.current_period_end;
  const happen = () => {
    if (subscription.cancel_at_period_end || subscription.cancel_at !== null) {
      endSubscription(world, subscription);
      return;
    }
    const { current_period_start: since, current_period_end: until } = first;
    for (const item of subscription.items.data) {
      item.current_period_start = until;
      item.current_period_end = monthLater(until);
    }
    // It counts as active before anything is paid for.
    if (subscription.status === "trialing") subscription.status = "active";
    makeInvoice(world, subscription, { reason: "subscription_cycle", lines: linesOf(world, subscription, since) });
    world.emit("customer.subscription.updated", subscription);
  };
  return [{ at: Math.min(at, first.current_period_end), happen }];
}
