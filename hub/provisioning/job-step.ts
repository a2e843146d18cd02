import type { JobEvent } from "#shared/api/hub.ts";
import type { Problem } from "#shared/problem.ts";
import type { Job, JobChanges } from "../store/jobs.ts";

/** What one look at a job changes in it, and the event that tells it. */
export interface JobStep {
  readonly changes: JobChanges;
  readonly event?: JobEvent | undefined;
}

/** A problem that comes again and again is told once. */
export const newProblem = (problem: Problem, job: Job, at: number): JobEvent | undefined =>
  job.problem?.message === problem.message
    ? undefined
    : { at, state: job.state, message: problem.message, problem: problem.toJSON() };

/** It is over, and what its states made is still to be taken back. */
export const cancelStep = (job: Job, at: number, message: string) => ({
  changes: {
    state: "CANCELLED",
    stoppedIn: job.state === "FAILED" ? (job.stoppedIn ?? "PENDING") : job.state,
    problem: null,
    waitingFor: "what was made to be removed",
    attempts: 0,
    wakeAt: at,
    enteredAt: at,
    finishedAt: null,
  } as const,
  event: { at, state: "CANCELLED", message, durationMs: at - job.enteredAt } as const,
});
