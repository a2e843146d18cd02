import { z } from "zod";
import { Id, Timestamp } from "../names.ts";
import { ProblemBody } from "../problem.ts";

/** What can be wrong between Stripe, the providers and the hub's books. */
export const findingKinds = [
  /** A server that the hub had made, and that nobody wants any more. */
  "orphan-vps",
  /** A server with the hub's labels, of a beacon that this hub does not know: it may be another hub's. */
  "unknown-vps",
  /** A second server of one beacon. */
  "duplicate-vps",
  "beacon-without-vps",
  /** A domain that leads to a server which no beacon of this hub is on. */
  "orphan-record",
  /** A subscription that is paid for nothing, or twice. */
  "orphan-subscription",
  /** A subscription of an order that this hub does not know: it may be another hub's. */
  "unknown-subscription",
  /** Paid, and not delivered. */
  "customer-without-server",
  /** Delivered, and not what is paid for now: a larger or smaller tier, an app more or less. */
  "beacon-behind",
  /** Delivered, and not paid any more. */
  "server-unpaid",
  "refund-owed",
  /** Usage or a credit of which Stripe may not know. */
  "notice-untold",
  /** Mails that nobody has taken. */
  "mail-unsent",
  /** Somebody could not be asked: what was found there before still stands. */
  "unreachable",
] as const;
export const FindingKind = z.enum(findingKinds);
export type FindingKind = z.output<typeof FindingKind>;

/** Something that costs money for nothing, or a customer without a server. */
export const Finding = z.object({
  /** The same from one comparison to the next, for as long as it is so. */
  id: z.string(),
  kind: FindingKind,
  /** Id of what it is about: of a server at its provider, a subscription, a beacon, a purchase; name of a provider. */
  subject: z.string(),
  title: z.string(),
  /** What happened. */
  detail: z.string(),
  /** What to do. */
  hint: z.string(),
  /** When it was found first. */
  since: Timestamp,
  /** What it costs a month, in the smallest unit of `currency`, where that is known. */
  monthlyCents: z.number().int().optional(),
  /** ISO 4217. */
  currency: z.string().optional(),
  /** Whether the hub can put it right by itself, and does so every night. */
  resolvable: z.boolean(),
  /** Where it belongs, as far as that is known. */
  provider: z.string().optional(),
  beacon: Id.optional(),
  purchase: Id.optional(),
  /** Why the hub could not put it right when it tried last. */
  problem: ProblemBody.optional(),
});
export type Finding = z.output<typeof Finding>;

/** Something that the hub put right. */
export const FixedFinding = Finding.pick({ id: true, kind: true, subject: true, title: true }).extend({
  at: Timestamp,
  /** What was done. */
  outcome: z.string(),
});
export type FixedFinding = z.output<typeof FixedFinding>;

/** What stands, at `GET /api/reconcile`. */
export const ReconcileView = z.object({
  /** When all was compared last; absent before the first time. */
  checkedAt: Timestamp.optional(),
  /** What costs most comes first. */
  findings: z.array(Finding),
  /** What was put right by the comparison that this is the answer to. */
  fixed: z.array(FixedFinding),
});
export type ReconcileView = z.output<typeof ReconcileView>;

export const ReconcileRequest = z.strictObject({
  /** Also puts right what is certain. */
  fix: z.boolean(),
});
