import { z } from "zod";
import { AlertEvent } from "../alerts/evaluate.ts";
import { AlertRules } from "../alerts/rule.ts";
import { Id } from "../names.ts";

/** What is wrong with a beacon and what was, at `GET alerts` (see `shared/api/beacon.ts` for where that is). */
export const AlertsView = z.object({
  /** The event with which each alert that has not ended began, with its newest value where that is known; newest first. */
  firing: z.array(AlertEvent),
  /** Newest first. */
  history: z.array(AlertEvent),
});
export type AlertsView = z.output<typeof AlertsView>;

/** How many events a view has at most. */
export const HISTORY_LENGTH = 100;

/** What is wrong with one beacon of the fleet. */
export const FleetAlert = z.object({ beacon: Id, event: AlertEvent });
export type FleetAlert = z.output<typeof FleetAlert>;

/** What all beacons are watched for, at `GET` and `PUT /api/alert-rules` of the hub. */
export const AlertRulesView = z.object({ rules: AlertRules, defaults: AlertRules });
export type AlertRulesView = z.output<typeof AlertRulesView>;
