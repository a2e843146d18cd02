import { z } from "zod";
import { Timestamp } from "../names.ts";
import { type AlertRule, holds, measured } from "./rule.ts";

/** One thing that a rule found wrong. */
export const Alert = z.object({
  rule: z.string(),
  /** Which of the things that the rule watches: a mount point, `<instance>/<service>`; empty when it watches one. */
  subject: z.string(),
  /** `pending` until it has held for the rule's time. */
  phase: z.enum(["pending", "firing"]),
  /** Since when it holds. */
  since: Timestamp,
  /** When it was last measured. */
  seenAt: Timestamp,
  firedAt: Timestamp.optional(),
  /** With which it fired: whoever was told of that is told of its end, whatever became of the rule meanwhile. */
  severity: z.enum(["warning", "critical"]).optional(),
  value: z.number(),
});
export type Alert = z.output<typeof Alert>;

/** What somebody is to be told. */
export const AlertEvent = z.object({
  /** The same for the same event however often it is found, as after a crash. */
  id: z.string().max(300),
  rule: z.string().max(40),
  subject: z.string().max(200),
  kind: z.enum(["fired", "resolved"]),
  severity: z.enum(["warning", "critical"]),
  title: z.string().max(500),
  value: z.number(),
  at: Timestamp,
  /** Of a resolved one: when it had fired. */
  firedAt: Timestamp,
});
export type AlertEvent = z.output<typeof AlertEvent>;

/** Said of what was wrong by a rule that was taken away. */
const NOT_WATCHED = "This is not watched any more";

/** What was not measured for so long is gone, and no longer wrong. */
export const GONE_MS = 300_000;

export interface Evaluation {
  readonly rules: readonly AlertRule[];
  /** What was wrong before. */
  readonly alerts: readonly Alert[];
  readonly values: Readonly<Record<string, number>>;
  readonly at: number;
  /** Rules that fire for something that this depends on. */
  readonly causes?: readonly string[];
}

/**
 * What is wrong now, and what somebody is to be told of it. A pure function of its arguments: the same sample twice changes nothing.
 * A rule that is silenced keeps its times, so that what outlasts its cause is told at once.
 */
export function evaluate({ rules, alerts, values, at, causes = [] }: Evaluation): {
  alerts: Alert[];
  events: AlertEvent[];
} {
  const before = new Map(alerts.map((alert) => [keyOf(alert), alert]));
  const cause = new Set([...causes, ...alerts.filter(({ phase }) => phase === "firing").map(({ rule }) => rule)]);
  const held = rules.flatMap((rule) => holding(rule, { before, cause, values, at }));
  const now: Alert[] = [];
  const events: AlertEvent[] = [];
  // Causes come first, so that both found in one sample are told as one.
  for (const { rule, alert } of inOrderOfCause(held)) {
    const isDue =
      alert.phase === "pending" && at - alert.since >= rule.forMs && !rule.unless.some((id) => cause.has(id));
    const after: Alert = isDue ? { ...alert, phase: "firing", firedAt: at, severity: rule.severity } : alert;
    if (isDue) events.push(eventOf(rule, after, "fired", at));
    if (after.phase === "firing") cause.add(rule.id);
    now.push(after);
  }
  const still = new Set(now.map(keyOf));
  for (const alert of alerts) {
    if (alert.phase !== "firing" || still.has(keyOf(alert))) continue;
    const rule = rules.find(({ id }) => id === alert.rule);
    events.push(
      rule === undefined
        ? eventOf({ id: alert.rule, severity: "warning", title: NOT_WATCHED }, alert, "resolved", at)
        : eventOf(rule, { ...alert, value: latestValue(rule, alert, values) }, "resolved", at),
    );
  }
  return { alerts: now, events };
}

/** The event with which an alert began, with its newest value; nothing while it is pending. */
export const firingEvent = (rule: AlertRule | undefined, alert: Alert): AlertEvent | undefined =>
  rule === undefined || alert.firedAt === undefined ? undefined : eventOf(rule, alert, "fired", alert.firedAt);

interface Moment {
  readonly before: ReadonlyMap<string, Alert>;
  /** Rules that fire. */
  readonly cause: ReadonlySet<string>;
  readonly values: Readonly<Record<string, number>>;
  readonly at: number;
}

/** What a rule finds wrong in a sample, and what was wrong before and was not measured this time. */
function holding(rule: AlertRule, { before, cause, values, at }: Moment): { rule: AlertRule; alert: Alert }[] {
  const found = measured(rule, values);
  const alerts: Alert[] = [];
  for (const [subject, value] of found) {
    const known = before.get(keyOf({ rule: rule.id, subject }));
    if (!holds(rule, value, known?.phase === "firing")) continue;
    // A clock that was set back must not make it wait for what is in the future.
    const since = Math.min(known?.since ?? at, at);
    alerts.push({ ...(known ?? { rule: rule.id, subject, phase: "pending" }), since, seenAt: at, value });
  }
  // While what keeps it from being measured is wrong itself, nobody knows that it is over.
  const isHidden = rule.unless.some((id) => cause.has(id));
  for (const known of before.values()) {
    if (known.rule !== rule.id || found.has(known.subject)) continue;
    if (isHidden || at - known.seenAt < GONE_MS) alerts.push({ ...known, seenAt: Math.min(known.seenAt, at) });
  }
  return alerts.map((alert) => ({ rule, alert }));
}

const inOrderOfCause = <Held extends { rule: AlertRule }>(held: readonly Held[]): Held[] =>
  held.toSorted((a, b) => a.rule.unless.length - b.rule.unless.length);

const keyOf = ({ rule, subject }: Pick<Alert, "rule" | "subject">) => `${rule} ${subject}`;

const latestValue = (rule: AlertRule, { subject, value }: Alert, values: Moment["values"]) =>
  measured(rule, values).get(subject) ?? value;

function eventOf(
  rule: Pick<AlertRule, "id" | "severity" | "title">,
  alert: Alert,
  kind: AlertEvent["kind"],
  at: number,
): AlertEvent {
  const firedAt = alert.firedAt ?? at;
  return {
    id: `${rule.id} ${alert.subject} ${firedAt} ${kind}`,
    rule: rule.id,
    subject: alert.subject,
    kind,
    severity: alert.severity ?? rule.severity,
    title: rule.title
      .replaceAll("{subject}", alert.subject)
      .replaceAll("{value}", String(Math.round(alert.value * 10) / 10)),
    value: alert.value,
    at,
    firedAt,
  };
}
