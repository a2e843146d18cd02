import type { LifecycleChange, LifecycleJobView, LifecycleState } from "#shared/api/lifecycle.ts";
import type { Tone } from "#ui/components/status.tsx";

/** Pure: a change while it goes on: `Suspending`, `Changing the size to T2`. */
export function doingWords(change: LifecycleChange): string {
  if (change.change === "resize") return `Changing the size to ${change.tier.toUpperCase()}`;
  if (change.change === "transfer") return `Handing over to ${change.email}`;
  return { suspend: "Suspending", resume: "Resuming", rebuild: "Rebuilding", delete: "Deleting" }[change.change];
}

/** Pure: a change when it was carried through. */
export function doneWords(change: LifecycleChange): string {
  if (change.change === "resize") return `Changed to ${change.tier.toUpperCase()}`;
  if (change.change === "transfer") return `Handed over to ${change.email}`;
  return { suspend: "Suspended", resume: "Resumed", rebuild: "Rebuilt", delete: "Deleted" }[change.change];
}

export const stateWords: Readonly<Record<LifecycleState, readonly [tone: Tone, word: string]>> = {
  running: ["busy", "In progress"],
  cancelling: ["busy", "Being called off"],
  done: ["good", "Done"],
  failed: ["bad", "Failed"],
  cancelled: ["off", "Called off"],
};

/** Pure: the change that an operator has to know of now: the one under way, or the newest where it failed. */
export function currentJob(jobs: readonly LifecycleJobView[]): LifecycleJobView | undefined {
  const underWay = jobs.find(isUnderWay);
  const [newest] = jobs;
  return underWay ?? (newest?.state === "failed" ? newest : undefined);
}

export const isUnderWay = ({ state }: LifecycleJobView): boolean => state === "running" || state === "cancelling";

/** Pure: whether what it did can still be taken back, as far as a page knows: the hub has the last word. */
export const canBeCalledOff = ({ state, change }: LifecycleJobView): boolean =>
  (state === "running" || state === "failed") && (change.change === "suspend" || change.change === "rebuild");

/** Pure: whether a beacon can be deleted beside what is under way: that takes the place of a suspension alone. */
export const mayDelete = (jobs: readonly LifecycleJobView[]): boolean =>
  jobs.every((job) => !isUnderWay(job) || job.change.change === "suspend");

/** Pure: how far it is, in percent of its steps. */
export function progressOf({ steps, state }: LifecycleJobView): number {
  if (state === "done") return 100;
  return (steps.filter((step) => step.state === "done").length / Math.max(1, steps.length)) * 100;
}
