import type { LifecycleEvent } from "#shared/api/lifecycle.ts";
import { Problem } from "#shared/problem.ts";
import { awayPauseMs, backoffMs } from "../provisioning/pause.ts";
import type { LifecycleJob, LifecycleJobChanges, LifecycleJobStore } from "../store/lifecycle-jobs.ts";
import type { NewMail } from "../store/mails.ts";
import { BILLING } from "./beacon-life.ts";
import type { LifecycleContext, Outcome, Step } from "./change.ts";
import { changeOf } from "./changes/index.ts";
import { mailIdOf } from "./mail-id.ts";

/** What one look at a job changes in it, and the event that tells it. */
interface Look {
  readonly changes: LifecycleJobChanges;
  readonly event?: LifecycleEvent | undefined;
}

/** Actions of the audit log that tell how a job ended. */
const endings = { done: "done", failed: "fail", cancelled: "undo" } as const;

/**
 * Takes one look at a job: runs its step once, and stores what came of it in one transaction with the event that tells it, and when it ended
 * with a line of the audit log and the mails about it.
 * @returns whether something was stored: a job that was cancelled meanwhile is left as it is
 */
export async function advance(jobs: LifecycleJobStore, context: LifecycleContext, job: LifecycleJob): Promise<boolean> {
  const { changes, event } = await look(context, job);
  const { state, finishedAt } = changes;
  const isOver = finishedAt !== undefined && finishedAt !== null;
  if (!isOver || state === undefined || state === "running" || state === "cancelling") {
    return jobs.change(job, changes, { event });
  }
  const action = `beacon.${job.change.change}-${endings[state]}`;
  const details = {
    job: job.id,
    name: job.beaconName,
    durationMs: finishedAt - job.createdAt,
    ...(event?.problem === undefined ? {} : { problem: event.problem.code }),
  };
  const mails = state === "done" ? await mailsAbout(context, job) : [];
  const audit = { actor: "lifecycle", action, subject: job.beacon, details };
  const stored = await jobs.change(job, changes, { event, audit, mails });
  if (stored && mails.length > 0) context.mails.nudge();
  return stored;
}

async function mailsAbout(context: LifecycleContext, job: LifecycleJob): Promise<NewMail[]> {
  if (job.actor === BILLING) return [];
  const createdAt = context.now();
  const beacon = await context.beacons.get(job.beacon);
  const letters = changeOf(job.change.change).letters?.(job, { beacon, now: createdAt }) ?? [];
  return letters.map(({ recipient, words }) => ({
    ...{ id: mailIdOf(job.id, recipient), recipient, attachment: undefined, createdAt },
    ...words,
  }));
}

async function look(context: LifecycleContext, job: LifecycleJob): Promise<Look> {
  const { steps, calledOff } = changeOf(job.change.change);
  const isUndone = job.state === "cancelling";
  const step = steps.find(({ name }) => name === job.step) ?? steps[0];
  try {
    const outcome = isUndone && calledOff !== undefined ? calledOff.undo(context, job) : step.run(context, job);
    return settle(await outcome, job, { step, steps, now: context.now() });
  } catch (thrown) {
    return settleProblem(Problem.wrap(thrown), job, { step, steps, now: context.now() });
  }
}

interface At {
  readonly step: Step;
  readonly steps: readonly Step[];
  readonly now: number;
}

function settle(outcome: Outcome, job: LifecycleJob, at: At): Look {
  if ("fail" in outcome)
    return job.state === "cancelling" ? later(outcome.fail, job, at) : failed(outcome.fail, job, at);
  const { now, step, steps } = at;
  const facts = outcome.facts === undefined ? undefined : { ...job.facts, ...outcome.facts };
  if ("wait" in outcome) {
    const { wait, ms } = outcome;
    return { changes: { waitingFor: wait, wakeAt: now + ms, attempts: 0, problem: null, facts } };
  }
  const event = { at: now, step: step.name, message: outcome.next, durationMs: now - job.enteredAt };
  const settled = { waitingFor: null, problem: null, attempts: 0, wakeAt: now, enteredAt: now, facts };
  if (job.state === "cancelling") {
    return { changes: { ...settled, state: "cancelled", finishedAt: now }, event };
  }
  const following = steps[steps.indexOf(step) + 1];
  return following === undefined
    ? { changes: { ...settled, state: "done", finishedAt: now }, event }
    : { changes: { ...settled, step: following.name }, event };
}

function settleProblem(problem: Problem, job: LifecycleJob, at: At): Look {
  const attempts = job.attempts + 1;
  const { step } = at;
  // What is called off is taken back, however often that has to be tried.
  if (job.state === "cancelling") return later(problem, job, at);
  // Whoever is away is waited for, as a beacon is.
  if (isAway(problem)) return later(problem, job, at, `another try: ${problem.message}`);
  if (!problem.retryable || attempts >= step.attempts) return failed(problem, job, at);
  return later(problem, job, at, `another try (${attempts + 1} of ${step.attempts})`);
}

const isAway = ({ code }: Problem) => code === "provider_unavailable" || code === "billing_unavailable";

const later = (problem: Problem, job: LifecycleJob, { step, now }: At, waitingFor = "another try"): Look => ({
  changes: {
    attempts: job.attempts + 1,
    problem: problem.toJSON(),
    waitingFor,
    wakeAt: now + (isAway(problem) ? awayPauseMs : backoffMs)(job.attempts),
  },
  // A problem that comes again and again is told once.
  event:
    job.problem?.message === problem.message
      ? undefined
      : { at: now, step: step.name, message: problem.message, problem: problem.toJSON() },
});

const failed = (problem: Problem, job: LifecycleJob, { step, now }: At): Look => ({
  changes: { state: "failed", problem: problem.toJSON(), waitingFor: null, enteredAt: now, finishedAt: now },
  event: {
    at: now,
    step: step.name,
    message: problem.message,
    problem: problem.toJSON(),
    durationMs: now - job.enteredAt,
  },
});
