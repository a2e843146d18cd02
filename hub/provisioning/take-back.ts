import { type JobState, jobStates } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import type { Job, JobStep } from "../store/jobs.ts";
import { credentialsStep, newProblem } from "./job-step.ts";
import { backoffMs } from "./pause.ts";
import type { StateContext } from "./state.ts";
import { workingState } from "./states/index.ts";

/**
 * Takes back what a cancelled job made: the states it reached are undone, the last one first. A job that never reached a
 * state must not undo it: the name it failed to get, for example, is somebody else's.
 *
 * A job stays unfinished until all is gone, however often that has to be tried: what is left behind costs money. One thing that cannot be
 * taken back does not hold up the others: a customer's refund does not wait for a provider that is away.
 */
export async function takeBack(context: StateContext, job: Job): Promise<JobStep> {
  const inOrder: readonly JobState[] = jobStates;
  const reached = inOrder.slice(0, inOrder.indexOf(job.stoppedIn ?? "PENDING") + 1);
  const problems: Problem[] = [];
  for (const state of reached.reverse()) {
    await workingState(state)
      ?.undo?.(context, job)
      .catch((thrown: unknown) => problems.push(Problem.wrap(thrown)));
  }
  const now = context.now();
  const [problem] = problems;
  if (problems.length === 1 && problem?.code === "provider_credentials") return credentialsStep(problem, job, now);
  if (problem !== undefined) {
    return {
      changes: { attempts: job.attempts + 1, problem: problem.toJSON(), wakeAt: now + backoffMs(job.attempts) },
      event: newProblem(problem, job, now),
    };
  }
  return {
    changes: { waitingFor: null, problem: null, finishedAt: now },
    event: { at: now, state: "CANCELLED", message: "What was made is removed.", durationMs: now - job.enteredAt },
  };
}
