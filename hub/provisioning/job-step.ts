import type { JobEvent } from "#shared/api/hub.ts";
import type { Problem } from "#shared/problem.ts";
import type { Job, JobStep } from "../store/jobs.ts";

/** The operator has to act, who is told; whatever is done about it has it looked at again at once. */
const CREDENTIALS_PAUSE_MS = 3 * 60_000;

/** Waits for other credentials, however long that takes: nothing else helps. */
export const credentialsStep = (problem: Problem, job: Job, now: number): JobStep => ({
  changes: {
    waitingFor: "other credentials",
    problem: problem.toJSON(),
    attempts: 0,
    wakeAt: now + CREDENTIALS_PAUSE_MS,
  },
  event: newProblem(problem, job, now),
});

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
