import { type JobState, jobStates } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import type { AuditLine } from "../store/audit.ts";
import type { Job, JobStep, JobStore } from "../store/jobs.ts";
import { cancelStep, credentialsStep, newProblem } from "./job-step.ts";
import { failureMails } from "./operator-mails.ts";
import { awayPauseMs, backoffMs } from "./pause.ts";
import type { Outcome, State, StateContext } from "./state.ts";
import { workingState } from "./states/index.ts";
import { takeBack } from "./take-back.ts";

/** Actions of the audit log that tell how a job ended. */
const endings: { readonly [S in JobState]?: string } = {
  COMPLETED: "job.complete",
  FAILED: "job.fail",
  CANCELLED: "job.undo",
};

/**
 * Takes one look at a job: runs its state once, and stores what came of it in one transaction with the event that tells it, and with a line
 * of the audit log when it ended. A job that was cancelled meanwhile is left as it is.
 * @returns the job as it is then; `undefined` when nothing was stored
 */
export async function advance(jobs: JobStore, context: StateContext, job: Job): Promise<Job | undefined> {
  const step = await look(context, job);
  const { state, problem } = step.changes;
  const mails = state === "FAILED" ? await failureMails(context, job, problem ?? undefined) : [];
  const changed = await jobs.change(job, { ...step, audit: endingOf(job, step), mails });
  if (changed !== undefined && mails.length > 0) context.mails.nudge();
  return changed;
}

function endingOf({ id, state, createdAt }: Job, { changes }: JobStep): AuditLine | undefined {
  const { finishedAt, problem } = changes;
  const action = endings[changes.state ?? state];
  if (finishedAt === undefined || finishedAt === null || action === undefined) return undefined;
  const details = {
    durationMs: finishedAt - createdAt,
    ...(problem === undefined || problem === null ? {} : { problem: problem.code }),
  };
  return { actor: "provisioning", action, subject: id, details };
}

async function look(context: StateContext, job: Job): Promise<JobStep> {
  if (job.state === "CANCELLED") return takeBack(context, job);
  const state = workingState(job.state);
  if (state === undefined) return { changes: { finishedAt: context.now() } };
  try {
    return settle(await state.run(context, job), job, context.now());
  } catch (thrown) {
    const { now, deliverWithinHours } = context;
    return settleProblem(Problem.wrap(thrown), { state, job, now: now(), patienceMs: deliverWithinHours * HOUR_MS });
  }
}

function settle(outcome: Outcome, job: Job, now: number): JobStep {
  if ("fail" in outcome) return failed(outcome.fail, job, now);
  if ("cancel" in outcome) return cancelStep(job, now, outcome.cancel);
  if ("wait" in outcome) {
    const { wait, ms, note, problem } = outcome;
    const told = problem === undefined ? undefined : newProblem(problem, job, now);
    return {
      changes: {
        ...{ waitingFor: wait, wakeAt: now + ms, attempts: 0, problem: problem?.toJSON() ?? null },
        // What is waited for is waited for from the moment on from which it could be.
        ...(job.problem?.code === "provider_unavailable" ? { enteredAt: now } : {}),
      },
      event: note === undefined ? told : { at: now, state: job.state, message: note, problem: problem?.toJSON() },
    };
  }
  const state = following(job.state);
  return {
    changes: {
      state,
      beacon: outcome.beacon,
      waitingFor: null,
      problem: outcome.problem?.toJSON() ?? null,
      attempts: 0,
      wakeAt: now,
      enteredAt: now,
      ...(state === "COMPLETED" ? { finishedAt: now } : {}),
    },
    event: {
      ...{ at: now, state, message: outcome.next, durationMs: now - job.enteredAt },
      problem: outcome.problem?.toJSON(),
    },
  };
}

const inOrder: readonly JobState[] = jobStates;

const following = (state: JobState): JobState => inOrder[inOrder.indexOf(state) + 1] ?? "COMPLETED";

interface Trouble {
  readonly state: State;
  readonly job: Job;
  readonly now: number;
  /** How long somebody is waited for who is away. What was paid is called off after as long, counted from its payment. */
  readonly patienceMs: number;
}

const HOUR_MS = 3_600_000;

function settleProblem(problem: Problem, { state, job, now, patienceMs }: Trouble): JobStep {
  if (problem.code === "provider_credentials") return credentialsStep(problem, job, now);
  const attempts = job.attempts + 1;
  if (problem.code === "provider_unavailable") {
    if (now - job.enteredAt >= patienceMs) return failed(problem, job, now);
    const waitingFor = `another try: ${problem.message}`;
    return {
      changes: { attempts, problem: problem.toJSON(), waitingFor, wakeAt: now + awayPauseMs(job.attempts) },
      event: newProblem(problem, job, now),
    };
  }
  if (!problem.retryable || attempts >= state.attempts) return failed(problem, job, now);
  const pauseMs = backoffMs(job.attempts);
  return {
    changes: {
      attempts,
      problem: problem.toJSON(),
      waitingFor: `another try (${attempts + 1} of ${state.attempts})`,
      wakeAt: now + pauseMs,
    },
    event: newProblem(problem, job, now),
  };
}

const failed = (problem: Problem, job: Job, now: number): JobStep => ({
  changes: {
    state: "FAILED",
    stoppedIn: job.state,
    problem: problem.toJSON(),
    waitingFor: null,
    enteredAt: now,
    finishedAt: now,
  },
  event: {
    at: now,
    state: "FAILED",
    message: problem.message,
    problem: problem.toJSON(),
    durationMs: now - job.enteredAt,
  },
});
