import { z } from "zod";
import { SeriesPattern, subjectOf } from "../metrics/series-pattern.ts";

const RuleId = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, "expected a name like disk-full: a-z, 0-9 and hyphens");

/** What is watched. */
const Measure = z.union([
  z.strictObject({ series: SeriesPattern }),
  /** Percent that one series is of another one, of the same thing. */
  z.strictObject({ part: SeriesPattern, of: SeriesPattern }),
]);

const Threshold = z.union([z.strictObject({ above: z.number() }), z.strictObject({ below: z.number() })]);

/** When somebody is told that something is wrong, as data. */
export const AlertRule = z.strictObject({
  id: RuleId,
  /** What is said of it; `{subject}` becomes the thing, `{value}` the rounded value. */
  title: z.string().min(1).max(200),
  severity: z.enum(["warning", "critical"]),
  measure: Measure,
  when: Threshold,
  /** The value beyond which it is over; the threshold itself when absent. A gap between the two keeps it from flapping. */
  until: z.number().optional(),
  /** How long it must hold without a break, in milliseconds. */
  forMs: z.number().int().nonnegative(),
  /** While one of these fires for the same beacon, this one stays silent: its cause is known. */
  unless: z.array(RuleId).default([]),
  /** Who can see it: `hub` is for what a beacon cannot know of itself. */
  seenBy: z.enum(["beacon", "hub"]).default("beacon"),
});
export type AlertRule = z.output<typeof AlertRule>;

/** Each id once, and no rule silenced by one that is not there. */
export const AlertRules = z.array(AlertRule).superRefine((rules, context) => {
  const ids = new Set<string>();
  for (const [index, { id }] of rules.entries()) {
    if (ids.has(id)) context.addIssue({ code: "custom", path: [index, "id"], message: `there are two rules ${id}` });
    ids.add(id);
  }
  for (const [index, { unless }] of rules.entries()) {
    for (const id of unless) {
      if (ids.has(id)) continue;
      context.addIssue({ code: "custom", path: [index, "unless"], message: `there is no rule ${id}` });
    }
  }
});

/** The things a rule watches and the value of each; a rule without `*` watches the one thing with the empty name. */
export function measured({ measure }: AlertRule, values: Readonly<Record<string, number>>): Map<string, number> {
  const found = new Map<string, number>();
  if ("series" in measure) {
    for (const [subject, value] of matching(measure.series, values)) found.set(subject, value);
    return found;
  }
  const wholes = matching(measure.of, values);
  for (const [subject, part] of matching(measure.part, values)) {
    const whole = wholes.get(subject);
    if (whole !== undefined && whole > 0) found.set(subject, (100 * part) / whole);
  }
  return found;
}

function matching(pattern: string, values: Readonly<Record<string, number>>): Map<string, number> {
  const found = new Map<string, number>();
  for (const [series, value] of Object.entries(values)) {
    const subject = subjectOf(pattern, series);
    if (subject !== undefined) found.set(subject, value);
  }
  return found;
}

/** Whether a value is one that the rule is about; `firing` asks whether it still is. */
export function holds({ when, until }: AlertRule, value: number, firing: boolean): boolean {
  if ("above" in when) return value > (firing ? Math.min(until ?? when.above, when.above) : when.above);
  return value < (firing ? Math.max(until ?? when.below, when.below) : when.below);
}
