import type { NextOfSubscription } from "#shared/api/billing.ts";
import type { SubscriptionAction, SubscriptionSnapshot } from "../store/subscriptions.ts";

const DAY_MS = 24 * 3_600_000;
/** Days after a payment failed on which its customer is reminded. */
export const REMINDER_DAYS = [0, 3, 5, 7] as const;
export const SUSPEND_AFTER_DAYS = 7;
const TRIAL_WARNING_DAYS = 3;

/** Something that follows from how a subscription stands, once in each episode. */
export type LifeAction =
  | { readonly kind: "remind"; readonly day: (typeof REMINDER_DAYS)[number] }
  | { readonly kind: "trial-ending" | "suspend" | "resume" | "terminate" };

export interface DueAction {
  /** The same whenever it is planned again for the same reason. */
  readonly key: string;
  readonly action: LifeAction;
}

export interface LifePlan {
  /** In their order. */
  readonly due: readonly DueAction[];
  /** When time alone brings about something else. */
  readonly nextAt: number | undefined;
}

export interface LifePolicy {
  /** How long a beacon stays suspended before it is removed. */
  readonly terminateAfterDays: number;
}

export interface LifeFacts {
  readonly subscription: Pick<SubscriptionSnapshot, "status" | "pastDueSince" | "endedAt" | "trialEndsAt"> & {
    readonly isTakenBack: boolean;
  };
  readonly actions: readonly SubscriptionAction[];
  readonly now: number;
  readonly policy: LifePolicy;
}

/**
 * What follows for a beacon from how its subscription stands: reminders on days 0, 3, 5 and 7 of an unpaid invoice, suspension after seven
 * days, removal after a further time; from the end of a subscription suspension at once and removal after the same time. Who pays before
 * that goes on as if nothing had been. Pure.
 *
 * A reminder whose day has gone by while nobody looked is left out when a later one is due: nobody gets two at once. A removal that was
 * begun is carried through, whatever has come of the subscription by it.
 */
export function planLife({ subscription, actions, now, policy }: LifeFacts): LifePlan {
  const begun = new Map(actions.map((action) => [action.key, action]));
  const isDone = (key: string) => begun.get(key)?.isDone === true;
  const nothing = { due: [], nextAt: undefined };
  if (subscription.isTakenBack || actions.some(({ key, isDone }) => isDone && key.startsWith("terminate@"))) {
    return nothing;
  }
  const begunRemoval = actions.find(({ key }) => key.startsWith("terminate@"));
  if (begunRemoval !== undefined) {
    return { due: [{ key: begunRemoval.key, action: { kind: "terminate" } }], nextAt: undefined };
  }

  const { pastDueSince, endedAt, trialEndsAt, status } = subscription;
  const since = pastDueSince ?? endedAt;
  if (since === undefined || status === "incomplete_expired") {
    const resume = resumptions(actions);
    const warning = status === "trialing" && trialEndsAt !== undefined ? trialWarning(trialEndsAt, now) : undefined;
    const due = [...resume, ...(warning?.due ?? [])].filter(({ key }) => !isDone(key));
    return { due, nextAt: warning?.nextAt };
  }

  const { suspendAt, terminateAt } = deadlinesOf({ since, isLate: pastDueSince !== undefined, policy });
  const reminders = (pastDueSince === undefined ? [] : REMINDER_DAYS).map((day) => ({
    at: since + day * DAY_MS,
    key: `remind-${day}@${since}`,
    action: { kind: "remind", day } as const,
  }));
  const newest = reminders.findLast(({ at }) => at <= now);
  const steps = [
    ...(newest === undefined ? [] : [newest]),
    { at: suspendAt, key: `suspend@${since}`, action: { kind: "suspend" } as const },
    { at: terminateAt, key: `terminate@${since}`, action: { kind: "terminate" } as const },
  ];
  const isSuspended = actions.some(
    ({ key, isDone }) => isDone && key.startsWith("suspend@") && !begun.has(key.replace("suspend@", "resume@")),
  );
  const due = steps
    .filter(({ at, key, action }) => at <= now && !isDone(key) && !(action.kind === "suspend" && isSuspended))
    .map(({ key, action }) => ({ key, action }));
  const later = [...reminders.map(({ at }) => at), suspendAt, terminateAt].filter((at) => at > now);
  return { due, nextAt: later.length === 0 ? undefined : Math.min(...later) };
}

interface Unpaid {
  readonly since: number;
  /** An invoice is not paid, which gives its customer some days; a subscription that is over gives none. */
  readonly isLate: boolean;
  readonly policy: LifePolicy;
}

/** Pure: when a beacon is suspended and removed that is not paid for since then. */
const deadlinesOf = ({ since, isLate, policy }: Unpaid) => {
  const suspendAt = isLate ? since + SUSPEND_AFTER_DAYS * DAY_MS : since;
  return { suspendAt, terminateAt: suspendAt + policy.terminateAfterDays * DAY_MS };
};

/** Pure: what becomes of a subscription next, if nobody does anything; `undefined` when nothing does any more. */
export function nextOf(
  { status, isTakenBack, pastDueSince, endedAt, endsAt, trialEndsAt, periodEndsAt }: NextFacts,
  { policy, now }: Pick<LifeFacts, "policy" | "now">,
): NextOfSubscription | undefined {
  const since = pastDueSince ?? endedAt;
  if (isTakenBack || status === "incomplete_expired") return undefined;
  if (since !== undefined) {
    const { suspendAt, terminateAt } = deadlinesOf({ since, isLate: pastDueSince !== undefined, policy });
    if (suspendAt > now) return { what: "suspended", at: suspendAt };
    return terminateAt > now ? { what: "removed", at: terminateAt } : undefined;
  }
  if (endsAt !== undefined) return { what: "ends", at: endsAt };
  if (status === "trialing") return trialEndsAt === undefined ? undefined : { what: "trial-ends", at: trialEndsAt };
  return periodEndsAt === undefined ? undefined : { what: "invoice", at: periodEndsAt };
}

type NextFacts = Pick<
  SubscriptionSnapshot,
  "status" | "pastDueSince" | "endedAt" | "endsAt" | "trialEndsAt" | "periodEndsAt"
> & { readonly isTakenBack: boolean };

/** What was suspended, or may have been, and is paid for. */
const resumptions = (actions: readonly SubscriptionAction[]): DueAction[] =>
  actions
    .filter(({ key }) => key.startsWith("suspend@"))
    .map(({ key }) => ({ key: key.replace("suspend@", "resume@"), action: { kind: "resume" } as const }));

function trialWarning(endsAt: number, now: number): LifePlan {
  const at = endsAt - TRIAL_WARNING_DAYS * DAY_MS;
  if (at > now) return { due: [], nextAt: at };
  const isOver = endsAt <= now;
  return {
    due: isOver ? [] : [{ key: `trial-ending@${endsAt}`, action: { kind: "trial-ending" } }],
    nextAt: undefined,
  };
}
