import { Problem } from "#shared/problem.ts";
import { createNudgedLoop, type NudgedLoop } from "../nudged-loop.ts";
import type { StoredSubscription, SubscriptionStore } from "../store/subscriptions.ts";
import type { Books } from "./books.ts";
import type { PriceChange } from "./change-subscription.ts";
import { endSubscription } from "./end-subscription.ts";
import { payPageOf } from "./invoices.ts";
import { type DueAction, type LifePolicy, planLife } from "./plan-life.ts";
import type { StripeAccount } from "./stripe.ts";

/** Whose beacon it is about, and under which name it is done: the same again means the same thing, not another one. */
export interface LifeOrder {
  readonly id: string;
  readonly purchase: string;
}

/** What the hub does to a beacon whose subscription is not paid for. Each may be called again under the same id. */
export interface BeaconLife {
  suspend(order: LifeOrder): Promise<void>;
  resume(order: LifeOrder): Promise<void>;
  /** Removes it for good; its last backup is kept. */
  terminate(order: LifeOrder): Promise<void>;
}

export type LifeNews = DueAction["action"];

/** Tells a customer what is, or what will be. Each id once, however often it is told. */
export type TellCustomer = (
  news: LifeNews,
  about: {
    readonly id: string;
    readonly subscription: StoredSubscription;
    /** Where what is open can be paid, when something is. */
    readonly payUrl?: string | undefined;
  },
) => Promise<void>;

export interface LifeParts {
  readonly stripe: StripeAccount;
  readonly subscriptions: SubscriptionStore;
  readonly books: Pick<Books, "refresh">;
  readonly beacons: BeaconLife;
  /**
   * Brings a beacon from what it was brought to last to what is paid for now. May be called again.
   * @returns whether there was a beacon
   */
  readonly bring: (change: PriceChange) => Promise<boolean>;
  readonly tell: TellCustomer;
  readonly policy: LifePolicy;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
  /** With nothing due, the store is looked at this often all the same. */
  readonly longestPauseMs: number;
}

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 15 * 60_000;
/** Something else is being done to the beacon, or its provider is away. */
const BUSY_MS = 60_000;
/** What takes something away from a customer. */
const isDrastic = ({ action }: DueAction) => action.kind === "suspend" || action.kind === "terminate";

/**
 * Carries out what follows from how subscriptions stand. What was begun is written down before it is done, and that it was done after:
 * whoever is killed in between does it again under the same id.
 *
 * A beacon follows what is paid for, whoever changed that and wherever: what Stripe says now is compared with what the beacon was brought to
 * last, so that it does not matter which webhook came, when, or how often.
 *
 * Before anything is taken from a customer Stripe is asked: a webhook that never came must not cost a beacon that is paid for.
 */
export function createLife(parts: LifeParts): NudgedLoop {
  const { stripe, subscriptions, books, beacons, bring, tell, policy, now, onError, longestPauseMs } = parts;

  const planOf = async (id: string) => {
    const subscription = await subscriptions.get(id);
    if (subscription === undefined) return undefined;
    const actions = await subscriptions.actions(id);
    return { subscription, actions, plan: planLife({ subscription, actions, now: now(), policy }) };
  };

  const carryOut = async ({ key, action }: DueAction, subscription: StoredSubscription) => {
    const order = { id: `${subscription.id} ${key}`, purchase: subscription.purchase };
    if (action.kind === "suspend") await beacons.suspend(order);
    if (action.kind === "resume") await beacons.resume(order);
    if (action.kind === "terminate") {
      // First, so that nobody can pay any more for what is being removed.
      await endSubscription(stripe, subscription.id);
      await beacons.terminate(order);
    }
    const isOwed = action.kind === "remind" || action.kind === "suspend";
    const payUrl = isOwed ? await payPageOf(stripe, subscription.id) : undefined;
    await tell(action, { id: order.id, subscription, payUrl });
  };

  /** @returns when to try again what could not be done */
  const follow = async (subscription: StoredSubscription): Promise<number | undefined> => {
    const { id, purchase, brought, prices, behind } = subscription;
    if (!isBehind(subscription)) {
      // Changed back by its customer, or not paid for any more.
      if (behind !== undefined) await subscriptions.markBrought(id, brought);
      return undefined;
    }
    try {
      if (!(await bring({ purchase, from: brought, to: prices }))) return now() + LONGEST_RETRY_MS;
      await subscriptions.markBrought(id, prices);
      return undefined;
    } catch (error) {
      const problem = Problem.wrap(error);
      onError(problem);
      await subscriptions.markBehind(id, { since: behind?.since ?? now(), problem: problem.toJSON() });
      return now() + (problem.code === "conflict" || problem.retryable ? BUSY_MS : LONGEST_RETRY_MS);
    }
  };

  const live = async (id: string) => {
    let seen = await planOf(id);
    if (seen?.plan.due.some(isDrastic)) {
      await books.refresh(id);
      seen = await planOf(id);
    }
    if (seen === undefined) return;
    const { subscription, actions, plan } = seen;
    for (const due of plan.due) {
      await subscriptions.begin(id, due.key, now());
      try {
        await carryOut(due, subscription);
        await subscriptions.finish(id, due.key, now());
      } catch (error) {
        const problem = Problem.wrap(error);
        const attempts = actions.find(({ key }) => key === due.key)?.attempts ?? 0;
        await subscriptions.fail(id, due.key, problem.toJSON());
        await subscriptions.settle(subscription, now() + Math.min(FIRST_RETRY_MS * 2 ** attempts, LONGEST_RETRY_MS));
        onError(problem);
        return;
      }
    }
    await subscriptions.settle(subscription, earlier(plan.nextAt, await follow(subscription)));
  };

  return createNudgedLoop({
    errorPauseMs: FIRST_RETRY_MS,
    onError,
    turn: async (signal) => {
      for (const id of await subscriptions.due(now())) {
        if (signal.aborted) break;
        await live(id).catch(async (error: unknown) => {
          onError(error);
          const subscription = await subscriptions.get(id);
          if (subscription !== undefined) await subscriptions.settle(subscription, now() + FIRST_RETRY_MS);
        });
      }
      const next = await subscriptions.nextWakeAt(now());
      return next === undefined ? longestPauseMs : Math.min(longestPauseMs, Math.max(1, next - now()));
    },
  });
}

/** Whether something else is paid for than its beacon was brought to. What is not paid brings nothing. */
const isBehind = ({ status, prices, brought, isTakenBack }: StoredSubscription) =>
  (status === "active" || status === "trialing") && !isTakenBack && prices.join() !== brought.join();

const earlier = (one: number | undefined, other: number | undefined) =>
  one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
