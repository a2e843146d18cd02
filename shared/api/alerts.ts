import { z } from "zod";
import { AlertEvent } from "../alerts/evaluate.ts";
import { AlertRules } from "../alerts/rule.ts";
import { Id, Timestamp } from "../names.ts";

/** Of what nobody is told for a while, because somebody knows. */
export const Silence = z.object({
  rule: z.string().max(40),
  subject: z.string().max(200),
  until: Timestamp,
  by: z.string(),
  why: z.string(),
  createdAt: Timestamp,
});
export type Silence = z.output<typeof Silence>;

/** A silence as it is asked for, at `POST silences`; none from now on with 0 hours. */
export const SilenceInput = z.strictObject({
  rule: z.string().min(1).max(40),
  subject: z.string().max(200),
  hours: z.number().min(0).max(720),
  why: z.string().max(500).default(""),
});
export type SilenceInput = z.output<typeof SilenceInput>;

export const silences = (silence: Silence, { rule, subject }: Pick<AlertEvent, "rule" | "subject">, at: number) =>
  silence.rule === rule && silence.subject === subject && silence.until > at;

/** What is wrong with a beacon and what was, at `GET alerts` (see `shared/api/beacon.ts` for where that is). */
export const AlertsView = z.object({
  /** The event with which each alert that has not ended began, with its newest value where that is known; newest first. */
  firing: z.array(AlertEvent),
  /** Newest first. */
  history: z.array(AlertEvent),
  silences: z.array(Silence).default([]),
});
export type AlertsView = z.output<typeof AlertsView>;

/** How many events a view has at most. */
export const HISTORY_LENGTH = 100;

/** In place of a beacon's id, for what is wrong with the hub itself. */
export const HUB_ITSELF = "hub";

/** What is wrong with one beacon of the fleet, or with the hub itself. */
export const FleetAlert = z.object({
  beacon: z.union([Id, z.literal(HUB_ITSELF)]),
  event: AlertEvent,
  silence: Silence.optional(),
});
export type FleetAlert = z.output<typeof FleetAlert>;

/** Of which alerts the owner of a beacon gets mails, at `GET` and `PUT /api/beacons/{beacon}/notices` of the hub. */
export const OwnerNotices = z.strictObject({ ownerMail: z.enum(["critical", "all", "none"]) });
export type OwnerNotices = z.output<typeof OwnerNotices>;

/** What all beacons are watched for, at `GET` and `PUT /api/alert-rules` of the hub. */
export const AlertRulesView = z.object({ rules: AlertRules, defaults: AlertRules });
export type AlertRulesView = z.output<typeof AlertRulesView>;
