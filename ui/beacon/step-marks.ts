import type { CommandView, Plan } from "#shared/api/beacon.ts";

export type StepMark = "done" | "now" | "failed" | "next";

/**
 * Where a running command is within the plan that was shown. The agent looks and plans anew after each round, so the
 * step is found by its title; one that was not in the plan leaves the marks to its number.
 */
export function stepMarks(plan: Plan, { state, progress }: CommandView): StepMark[] {
  if (state === "done") return plan.steps.map(() => "done");
  const found = plan.steps.findIndex(({ title }) => title === progress?.title);
  const at = progress === undefined ? -1 : found === -1 ? progress.step - 1 : found;
  const mark = state === "failed" || state === "cancelled" || state === "expired" ? "failed" : "now";
  return plan.steps.map((_, index) => (index < at ? "done" : index === at ? mark : "next"));
}
