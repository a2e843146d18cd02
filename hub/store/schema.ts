import type { Generated } from "kysely";
import type { BillingTables } from "./billing-schema.ts";

/**
 * The tables of the hub. Times are milliseconds since the epoch; columns that end in `_json` hold JSON text that is
 * parsed with its zod schema in the one file of `hub/store/` that reads it. Booleans are not used: a time says more.
 * The accounts' tables (`user`, `session`, `account`, `verification`) belong to better-auth.
 */
export interface Tables extends BillingTables {
  setting: { key: string; value: string };

  beacon: {
    id: string;
    name: string;
    domain: string;
    email: string;
    /** User of the hub who owns it, once that account exists. */
    owner: string | null;
    provider: string;
    region: string | null;
    /** The provider's id of the VPS. */
    provider_id: string | null;
    /** IPv4 address of the VPS. */
    address: string | null;
    /** Its IPv6 address, where it has one. */
    address6: string | null;
    /** Raw Ed25519 key of the agent in base64url, once enrolled. */
    public_key: string | null;
    /** A key that is to take its place as soon as an agent proves it. */
    next_public_key: string | null;
    agent_version: string | null;
    /** Sequence number of the last command. */
    sequence: Generated<number>;
    created_at: number;
    enrolled_at: number | null;
    last_seen_at: number | null;
    /** Of which alerts its owner gets mails: `critical`, `all` or `none`. */
    owner_mail: Generated<string>;
    /** When its agent was shut out; until another one has enrolled. */
    revoked_at: number | null;
    /** Since when its apps are kept stopped. */
    suspended_at: number | null;
    /** Since when, and by whose wish, it is to be detached from this hub. */
    leaving_since: number | null;
    leaving_actor: string | null;
    /** Of one that was detached: its name leads to it still, and is given to nobody else. */
    left_at: number | null;
    removed_at: number | null;
  };

  /** What runs on a beacon, as its agent said last. Apart, as it is by far larger than all else of a beacon. */
  beacon_inventory: { beacon: string; inventory_json: string };

  enrolment_token: {
    /** SHA-256 of the token in hexadecimal: the token itself is not kept. */
    hash: string;
    beacon: string;
    expires_at: number;
    used_at: number | null;
    /** Public key that used it; the same key may ask again, in case it never got the answer. */
    used_by: string | null;
    /** What the server has to be that uses it, as the provider tells; `null` when any may. */
    binding_json: string | null;
    /** Why the last one was refused that tried. */
    refusal_json: string | null;
  };

  /** Keys of agents that were shut out: none of them gets in again, with whatever token. */
  revoked_key: { public_key: string; beacon: string; revoked_at: number };
  /** People whose sessions on beacons are over if they are older than this. */
  revoked_person: { subject: string; revoked_at: number };

  command: {
    id: string;
    beacon: string;
    name: string;
    input_json: string;
    actor: string;
    state: string;
    sequence: number;
    /** The `SignedStatement` as it is sent, again and again until the command has ended. */
    statement_json: string;
    created_at: number;
    expires_at: number;
    sent_at: number | null;
    /** When the hub heard that the beacon has it. */
    accepted_at: number | null;
    started_at: number | null;
    finished_at: number | null;
    cancel_asked_at: number | null;
    progress_json: string | null;
    problem_json: string | null;
  };

  /** The life of each command: a line with each change of its state, in the same transaction, and never changed. */
  ledger: {
    number: Generated<number>;
    command: string;
    /** By the hub's clock. */
    at: number;
    state: string;
    actor: string;
    why: string | null;
    /** By the beacon's clock, of what the beacon said. */
    said_at: number | null;
  };

  /** Names of series by number. */
  series: { id: Generated<number>; name: string };
  /** Series that are measured together, in an order of their own: numbers as 32 bits each, under a hash of them. */
  series_layout: { id: Generated<number>; hash: string; series: Buffer };
  /** Samples as they came, until they are in `rollup`: of many beacons together, as `sample-codec.ts` has them. */
  sample_journal: { number: number; samples: Buffer };
  /**
   * Of the finest step the samples of one minute, as `sample-codec.ts` has them; of the others one span, as `span-bytes.ts` has it.
   * `at` is when it begins.
   */
  rollup: { beacon: string; step_ms: number; at: number; span: Buffer };
  /** Spans of which something new came since they were made out of the next finer ones. */
  rollup_due: { beacon: string; step_ms: number; at: number };

  /** A time in which a beacon measured nothing, by the hub's clock; why as in `Gap`. */
  gap: { beacon: string; from_at: number; to_at: number; reason: string };
  /** Samples, and rows of `rollup`, that the store of remote write has not got yet. */
  remote_write_due: { beacon: string; step_ms: number; at: number };

  purchase: {
    id: string;
    email: string;
    beacon_name: string;
    modules_json: string;
    region: string | null;
    actor: string;
    created_at: number;
    /** What was bought in the shop, at which prices; `null` of an order that an operator placed. */
    sale_json: string | null;
    /** When an operator let it pass without a payment. */
    approved_at: number | null;
  };

  job: {
    id: string;
    purchase: string;
    beacon: string | null;
    state: string;
    stopped_in: string | null;
    waiting_for: string | null;
    problem_json: string | null;
    /** How often the present state was tried without getting further. */
    attempts: Generated<number>;
    /** Not to be looked at before this moment. */
    wake_at: number;
    entered_at: number;
    created_at: number;
    finished_at: number | null;
  };

  job_event: {
    id: Generated<number>;
    job: string;
    at: number;
    state: string;
    message: string;
    duration_ms: number | null;
    problem_json: string | null;
  };

  /** A change of a beacon as a whole. */
  lifecycle_job: {
    id: string;
    beacon: string;
    beacon_name: string;
    change_json: string;
    actor: string;
    state: string;
    /** The step that it is in, or in which it ended. */
    step: string;
    /** How often it was retried. */
    round: Generated<number>;
    facts_json: Generated<string>;
    waiting_for: string | null;
    problem_json: string | null;
    attempts: Generated<number>;
    /** Not to be looked at before this moment. */
    wake_at: number;
    entered_at: number;
    created_at: number;
    finished_at: number | null;
  };

  lifecycle_event: {
    id: Generated<number>;
    job: string;
    at: number;
    step: string;
    message: string;
    duration_ms: number | null;
    problem_json: string | null;
  };

  document: { id: string; beacon: string; kind: string; content: Uint8Array; created_at: number };

  mail: {
    /** Also its Message-ID, so that a second delivery of the same mail is recognised by the mailbox. */
    id: string;
    recipient: string;
    subject: string;
    text: string;
    html: string | null;
    /** Document attached. */
    attachment: string | null;
    created_at: number;
    attempts: Generated<number>;
    sent_at: number | null;
  };

  /** What somebody was or is to be told of a beacon, as the beacon or the hub saw it. */
  alert_event: {
    /** Its id, or `hub` for what is wrong with the hub itself. */
    beacon: string;
    /** As in `AlertEvent`: the same for the same event, however often it comes. */
    id: string;
    rule: string;
    subject: string;
    kind: string;
    fired_at: number;
    at: number;
    /** Of one that fired: when it was over, by the clock of whoever saw it. */
    ended_at: number | null;
    /** By the hub's clock; the times in the event are by that of whoever saw it. */
    received_at: number;
    event_json: string;
  };

  /** What the hub itself finds wrong with a beacon, such as that it is offline. */
  hub_alert: { beacon: string; rule: string; subject: string; alert_json: string };

  /** A way to people. Its settings hold secrets, and are sealed with the key file beside the database. */
  channel: { id: string; kind: string; options_json: string; sealed: Uint8Array; created_at: number };

  /** Of what nobody is told for a while, because somebody knows. */
  alert_silence: {
    beacon: string;
    rule: string;
    subject: string;
    until: number;
    by: string;
    why: string;
    created_at: number;
  };

  /** One event on its way to one channel. */
  alert_delivery: {
    /** In the order in which they are to go out. */
    number: Generated<number>;
    beacon: string;
    event: string;
    /** Its id, or `owner` for whom the beacon belongs to. */
    channel: string;
    /** `waiting`, `done`, `told` (by the beacon), `needless`, or `given-up`. */
    state: string;
    /** Not to be tried before, for the sake of quiet hours. */
    due_at: number;
    attempts: Generated<number>;
    problem_json: string | null;
    finished_at: number | null;
  };

  /** An account at a provider. */
  provider_account: {
    provider: string;
    weight: number;
    /** Since when it gets no orders. */
    disabled_at: number | null;
    /** Its credentials; `null` while none were given. */
    sealed: Buffer | null;
    checked_at: number | null;
    /** Why the credentials did not do when they were checked. */
    problem_json: string | null;
  };
  /** How much a provider is owed of the orders: see `choose-provider.ts`. */
  provider_turn: { provider: string; owed: number };
  /** The provider that a job was given, those that had nothing for it, all that were ever asked, and what its turn changed in `owed`. */
  provider_choice: {
    job: string;
    provider: string | null;
    passed_over_json: string;
    asked_json: Generated<string>;
    turn_json: Generated<string>;
  };

  audit: { id: Generated<number>; at: number; actor: string; action: string; subject: string; details_json: string };
}
