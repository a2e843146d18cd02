import type { AlertRule } from "#shared/alerts/rule.ts";

const MINUTE_MS = 60_000;

/** A rule as it stands in a form: texts, which need not make sense yet. */
export interface RuleDraft {
  readonly id: string;
  readonly title: string;
  readonly severity: string;
  readonly kind: string;
  readonly series: string;
  readonly of: string;
  readonly side: string;
  readonly threshold: string;
  readonly until: string;
  readonly minutes: string;
  readonly seenBy: string;
  readonly unless: readonly string[];
}

export function draftOf(rule: AlertRule | undefined): RuleDraft {
  if (rule === undefined) {
    return {
      ...{ id: "", title: "", severity: "warning", kind: "series", series: "", of: "", side: "above" },
      ...{ threshold: "", until: "", minutes: "5", seenBy: "beacon", unless: [] },
    };
  }
  const { measure, when } = rule;
  return {
    id: rule.id,
    title: rule.title,
    severity: rule.severity,
    kind: "series" in measure ? "series" : "share",
    series: "series" in measure ? measure.series : measure.part,
    of: "series" in measure ? "" : measure.of,
    side: "above" in when ? "above" : "below",
    threshold: String("above" in when ? when.above : when.below),
    until: rule.until === undefined ? "" : String(rule.until),
    minutes: String(rule.forMs / MINUTE_MS),
    seenBy: rule.seenBy,
    unless: rule.unless,
  };
}

/** What is not a number stays what it is, for the schema to say so. */
const number = (text: string) => (text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text));

/** The rule that a draft means, for `AlertRule` to judge. */
export function ruleOf(draft: RuleDraft): unknown {
  const { id, title, severity, seenBy, unless, minutes } = draft;
  const forMs = number(minutes);
  return {
    ...{ id, title, severity, seenBy, unless },
    measure: draft.kind === "share" ? { part: draft.series, of: draft.of } : { series: draft.series },
    when: { [draft.side]: number(draft.threshold) },
    ...(draft.until.trim() === "" ? {} : { until: number(draft.until) }),
    forMs: typeof forMs === "number" ? Math.round(forMs * MINUTE_MS) : forMs,
  };
}
