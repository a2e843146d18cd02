import type { JobState } from "#shared/api/hub.ts";
import type { Problem, ProblemBody } from "#shared/problem.ts";
import type { StripeSubscription } from "../billing/subscriptions-at-stripe.ts";
import type { ServedDomain } from "../dns/dns.ts";
import type { Vps } from "../providers/provider.ts";
import type { Payment } from "../store/payments.ts";
import type { StoredSubscription, SubscriptionSnapshot } from "../store/subscriptions.ts";

/** A beacon in our books, also one that was removed. Times are milliseconds since the epoch. */
export interface BookedBeacon {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
  /** Of its server, also of one that is gone. */
  readonly addresses: readonly string[];
  readonly provider: string;
  /** The provider's id of its server. */
  readonly providerId: string | undefined;
  readonly removedAt: number | undefined;
  /** When it was detached: it runs on without the hub. */
  readonly leftAt: number | undefined;
}

/** What somebody asked for, and what became of it. */
export interface BookedOrder {
  readonly purchase: string;
  readonly beaconName: string;
  readonly email: string;
  /** Forgotten once its beacon has left. */
  readonly job: BookedJob | undefined;
  /** Absent where it has no price. */
  readonly payment: Pick<Payment, "paidAt" | "takeBackSince" | "takenBackAt" | "subscription"> | undefined;
  /** As Stripe had it last. */
  readonly subscription: BookedSubscription | undefined;
}

export interface BookedJob {
  readonly id: string;
  /** Id of the beacon that it makes, whether it has begun to or not. */
  readonly beacon: string;
  readonly state: JobState;
  readonly createdAt: number;
  readonly enteredAt: number;
  readonly finishedAt: number | undefined;
  /** Names of all providers that its server was ever ordered from. */
  readonly asked: readonly string[];
}

export type BookedSubscription = Pick<
  SubscriptionSnapshot,
  "id" | "status" | "pastDueSince" | "endedAt" | "monthlyCents" | "currency"
> &
  Pick<StoredSubscription, "behind">;

/** Usage or a credit that Stripe has not been told for certain. */
export interface BookedNotice {
  readonly id: string;
  readonly purchase: string;
  readonly kind: string;
  readonly at: number;
  /** Nobody tries any more: it may have arrived. */
  readonly isGivenUp: boolean;
  readonly problem: ProblemBody | undefined;
}

/** Mails to somebody that were tried and have not gone out. */
export interface BookedMails {
  readonly recipient: string;
  readonly count: number;
  /** Of the oldest one. */
  readonly subject: string;
  /** When that was written. */
  readonly since: number;
}

export interface Books {
  readonly mails: readonly BookedMails[];
  readonly beacons: readonly BookedBeacon[];
  readonly orders: readonly BookedOrder[];
  readonly notices: readonly BookedNotice[];
  /** Ids of beacons that something is being done to: suspended, resized, rebuilt, deleted. */
  readonly busy: ReadonlySet<string>;
}

export interface Cost {
  readonly monthlyCents: number;
  readonly currency: string;
}

/** A provider that was asked what it has of ours. */
export interface AskedProvider {
  readonly name: string;
  readonly title: string;
  /** It rents for a term: what is removed is cancelled, and paid for until that is over. */
  readonly rentsByTerm: boolean;
  readonly answer: { readonly vpss: readonly Vps[]; readonly costOf: (vps: Vps) => Cost | undefined } | Problem;
}

/** All that is compared. */
export interface Scene {
  readonly books: Books;
  readonly providers: readonly AskedProvider[];
  /** The domains of beacons that lead somewhere. */
  readonly dns: readonly ServedDomain[] | Problem;
  /** Domain under which beacons live. */
  readonly zone: string;
  /** What Stripe charges for; absent where nothing is sold through it. */
  readonly stripe: readonly StripeSubscription[] | Problem | undefined;
  readonly now: number;
  /** What changed so lately may not be over yet. */
  readonly quietMs: number;
  /** How long an order that is paid for may take. */
  readonly lateMs: number;
  /** How long a beacon may be served after its subscription has ended. */
  readonly graceMs: number;
}
