import { Problem } from "#shared/problem.ts";
import type { Lanes } from "../lanes.ts";
import { createNudgedLoop, type NudgedLoop } from "../nudged-loop.ts";
import type { Precedence } from "../precedence.ts";
import type { StripeEventNote, StripeEventStore } from "../store/stripe-events.ts";
import type { EndedSession } from "./session.ts";
import type { StripeAccount } from "./stripe.ts";
import { noteOf } from "./webhook.ts";

const LONGEST_PAUSE_MS = 30_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15 * 60_000;
/** How many objects are looked at side by side: Stripe takes 100 requests a second, https://docs.stripe.com/rate-limits */
const CONCURRENCY = 8;
/** How far back is asked for what never came: Stripe has events for 30 days, and webhooks come up to three days late. */
const OVERLAP_MS = 3 * 24 * 3_600_000;
const CATCH_UP_MS = 10 * 60_000;
const PAGE = 100;
/** Longer than Stripe sends an event again. */
const KEPT_MS = 40 * 24 * 3_600_000;

/** How many are taken up before the store is looked at again. */
const AT_ONCE = 32;

const isPayment = ({ target }: { readonly target: string }) => target.startsWith("session ");

export interface EventsWorkerParts {
  readonly stripe: StripeAccount;
  readonly events: StripeEventStore;
  /** Objects are looked at one at a time each. */
  readonly lanes: Lanes;
  readonly precedence: Precedence;
  /** Looks at an object and takes over what it is now. May be called again. */
  readonly look: (target: string, told?: EndedSession) => Promise<void>;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

export interface EventsWorker extends NudgedLoop {
  /**
   * Stores an event, and returns when it is stored. What it says for good is taken over at once, whatever else there is to look at; a hub
   * that dies before finds it in the store, and asks Stripe.
   */
  take(note: StripeEventNote, told: EndedSession | undefined): Promise<void>;
}

/**
 * Goes after what Stripe told. An event says where to look; what is taken over is what Stripe says then. So the order does not matter,
 * nor how often one comes; and a look answers all events that were there when it began.
 *
 * What never came is asked for: now and then, and at the start, the list of events is compared with the store.
 */
export function createEventsWorker(parts: EventsWorkerParts): EventsWorker {
  const { stripe, events, lanes, precedence, look, now, onError } = parts;
  let caughtUpAt = 0;
  /** Objects of which Stripe is not asked, since it has just told. */
  const underWay = new Map<string, Promise<void>>();
  let isRunning = false;

  const handle = async (
    { target, events: ids, attempts }: Awaited<ReturnType<StripeEventStore["due"]>>[number],
    told?: EndedSession,
  ) => {
    try {
      await lanes(target, () => look(target, told));
      await events.markHandled(ids, now());
    } catch (error) {
      const problem = Problem.wrap(error);
      const pauseMs = Math.min(FIRST_RETRY_MS * 2 ** attempts, LONGEST_RETRY_MS);
      await events.markFailed(ids, problem.toJSON(), now() + pauseMs);
      onError(problem);
    }
  };

  const catchUp = async () => {
    if (Math.abs(now() - caughtUpAt) < CATCH_UP_MS) return;
    // Before it is asked: an account that does not answer is not asked again at once.
    caughtUpAt = now();
    const newest = await events.newestAt();
    const since = Math.floor(((newest ?? now()) - OVERLAP_MS) / 1000);
    const missed = await stripe.ask((api) =>
      api.events.list({ created: { gte: since }, limit: PAGE }).autoPagingToArray({ limit: 10_000 }),
    );
    await events.insert(missed.map(noteOf), now());
    await events.prune(now() - KEPT_MS);
  };

  const dueNow = async () => (await events.due(now())).filter(({ target }) => !underWay.has(target));

  const loop = createNudgedLoop({
    errorPauseMs: FIRST_RETRY_MS,
    onError,
    turn: async (signal) => {
      const due = await dueNow();
      // What somebody waits for who has just paid, before what merely changed; and soon another look for more of it.
      const queue = due.sort((a, b) => Number(isPayment(b)) - Number(isPayment(a))).slice(0, AT_ONCE);
      const work = async () => {
        for (let next = queue.shift(); next !== undefined && !signal.aborted; next = queue.shift()) {
          await precedence.free();
          await handle(next);
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, work));
      if (due.length > 0) return 0;
      await catchUp();
      const next = await events.nextRetryAt(now());
      const waiting = (await dueNow()).length > 0;
      if (waiting) return 0;
      return next === undefined ? LONGEST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, Math.max(1, next - now()));
    },
  });

  return {
    nudge: loop.nudge,
    take: async (note, told) => {
      const { id, target } = note;
      const stored = events.insert([note], now());
      if (isRunning && told !== undefined && target !== undefined && !underWay.has(target)) {
        precedence.begin(target);
        // Before it is stored: whoever finds it in the store leaves it alone.
        const work = stored.then((added) =>
          added > 0 ? handle({ target, events: [id], attempts: 0 }, told) : undefined,
        );
        const ended = work.catch(onError).finally(() => {
          precedence.end(target);
          underWay.delete(target);
          loop.nudge();
        });
        underWay.set(target, ended);
        await stored;
      } else if ((await stored) > 0) loop.nudge();
    },
    start: () => {
      isRunning = true;
      loop.start();
    },
    stop: async () => {
      isRunning = false;
      await loop.stop();
      await Promise.all(underWay.values());
    },
  };
}
