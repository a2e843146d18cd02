import type { LifecycleEvent, LifecycleJobView, LifecycleStep } from "#shared/api/lifecycle.ts";
import type { LifecycleJob } from "../store/lifecycle-jobs.ts";
import type { Step } from "./change.ts";

/** A job as people see it. Pure. */
export const lifecycleJobView = (
  job: LifecycleJob,
  steps: readonly Step[],
  events: readonly LifecycleEvent[],
): LifecycleJobView => ({
  id: job.id,
  beacon: job.beacon,
  beaconName: job.beaconName,
  change: job.change,
  state: job.state,
  steps: steps.map((step, place) => stepViewOf(job, { step, isBefore: place < placeOf(job, steps), events })),
  ...(job.waitingFor === undefined ? {} : { waitingFor: job.waitingFor }),
  ...(job.problem === undefined ? {} : { problem: job.problem }),
  createdAt: job.createdAt,
  ...(job.finishedAt === undefined ? {} : { finishedAt: job.finishedAt }),
  actor: job.actor,
  events: [...events],
});

const placeOf = ({ step, state }: LifecycleJob, steps: readonly Step[]) =>
  state === "done" ? steps.length : steps.findIndex(({ name }) => name === step);

interface Seen {
  readonly step: Step;
  /** It comes before the one that the job is in. */
  readonly isBefore: boolean;
  readonly events: readonly LifecycleEvent[];
}

function stepViewOf(job: LifecycleJob, { step: { name, title }, isBefore, events }: Seen): LifecycleStep {
  const ended = events.findLast((event) => event.step === name && event.durationMs !== undefined);
  const durationMs = ended?.durationMs;
  const startedAt = ended === undefined || durationMs === undefined ? undefined : ended.at - durationMs;
  const times = startedAt === undefined ? {} : { startedAt, durationMs };
  if (isBefore) return { name, title, state: "done", ...times };
  if (name !== job.step) return { name, title, state: "to-do" };
  if (job.state === "failed") return { name, title, state: "failed", ...times };
  return job.finishedAt === undefined
    ? { name, title, state: "now", startedAt: job.enteredAt }
    : { name, title, state: "to-do" };
}
