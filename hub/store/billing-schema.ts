import type { Generated } from "kysely";

/** The tables of what is paid for, and of what does not agree with it; as `Tables` says of all of them. */
export interface BillingTables {
  /** What a purchase costs. One without has no price. */
  payment: {
    purchase: string;
    /** Lookup keys of what is bought. */
    prices_json: string;
    trial_days: number | null;
    /** How many checkouts were closed without a payment. */
    round: Generated<number>;
    customer: string | null;
    session: string | null;
    session_url: string | null;
    subscription: string | null;
    paid_at: number | null;
    /** When its checkout was over without a payment. */
    lapsed_at: number | null;
    /** Since when all that was paid is to be given back, and when that was done. */
    take_back_since: number | null;
    taken_back_at: number | null;
  };

  /** Who is who at the payment provider. */
  billing_customer: { email: string; customer: string };

  /** What Stripe told: an event each, until some time after it was handled. */
  stripe_event: {
    id: string;
    type: string;
    /** The object to look at; `null` when none of ours is meant. */
    target: string | null;
    /** By Stripe's clock. */
    created_at: number;
    received_at: number;
    handled_at: number | null;
    attempts: Generated<number>;
    retry_at: number;
    problem_json: string | null;
  };

  /** Subscriptions as Stripe had them when it was asked last. */
  subscription: {
    id: string;
    purchase: string;
    customer: string;
    status: string;
    prices_json: string;
    period_ends_at: number | null;
    trial_ends_at: number | null;
    ends_at: number | null;
    past_due_since: number | null;
    ended_at: number | null;
    seen_at: number;
    version: Generated<number>;
    /** When time alone has something follow from it; `null` when nothing does. */
    wake_at: number | null;
    /** What it brings a month; these three are `null` until Stripe was asked by a hub that keeps them. */
    monthly_cents: number | null;
    currency: string | null;
    started_at: number | null;
    /** Invoices that are raised and not paid, and what is owed on them. */
    open_invoices: Generated<number>;
    open_cents: Generated<number>;
    /** What its beacon was brought to, as `prices_json`. */
    brought_json: Generated<string>;
    /** Since when it could not be brought to what is paid for, and why not. */
    behind_since: number | null;
    behind_problem_json: string | null;
  };

  /** What was done about a subscription, each once. */
  subscription_action: {
    subscription: string;
    key: string;
    begun_at: number;
    done_at: number | null;
    attempts: Generated<number>;
    problem_json: string | null;
  };

  /** What Stripe is to be told once: usage, credits. */
  billing_notice: {
    /** Also its idempotency key there. */
    id: string;
    kind: string;
    purchase: string;
    body_json: string;
    at: number;
    tried_at: number | null;
    retry_at: number;
    attempts: Generated<number>;
    sent_at: number | null;
    problem_json: string | null;
  };

  /** What does not agree between Stripe, the providers and the books, from the first time on until it is over and told. */
  finding: {
    id: string;
    /** Who has to be asked to know whether it is over: `stripe`, `books`, or a provider's name. */
    source: string;
    finding_json: string;
    since: number;
    /** When operators were told. */
    told_at: number | null;
    /** Since when the hub puts it right, and for whom. */
    fixing_since: number | null;
    fixing_actor: string | null;
    /** When that was done, and what. It is kept until operators were told. */
    fixed_at: number | null;
    outcome: string | null;
    /** Why putting it right failed last. */
    problem_json: string | null;
  };
}
