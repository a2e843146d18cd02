import { Problem } from "#shared/problem.ts";
import type { AuditLine } from "../store/audit.ts";
import type { LifecycleJob, LifecycleJobChanges, LifecycleJobStore } from "../store/lifecycle-jobs.ts";
import { changeOf } from "./changes/index.ts";

/** What somebody wants changed in a job as it was seen; `undefined` when it is so already. */
interface Intervention {
  readonly changes: LifecycleJobChanges;
  readonly told: Parameters<LifecycleJobStore["change"]>[2];
}

const line = (job: LifecycleJob, actor: string, action: string): AuditLine => ({
  actor,
  action: `beacon.${job.change.change}-${action}`,
  subject: job.beacon,
  details: { job: job.id, name: job.beaconName, step: job.step },
});

/** @throws {Problem} `conflict` when it has not failed */
export function retried(job: LifecycleJob, actor: string, at: number): Intervention {
  if (job.state !== "failed") {
    throw new Problem("conflict", `the job ${job.id} has not failed: it is ${job.state}`);
  }
  const { steps } = changeOf(job.change.change);
  const step = steps.find(({ name }) => name === job.step)?.retryIn ?? job.step;
  const started = { attempts: 0, wakeAt: at, enteredAt: at, finishedAt: null };
  return {
    changes: { ...started, state: "running", step, problem: null, round: job.round + 1 },
    told: { event: { at, step, message: `Tried again by ${actor}.` }, audit: line(job, actor, "retry") },
  };
}

/** Asking again changes nothing. @throws {Problem} `conflict` when it is over, or too late for that */
export function calledOff(job: LifecycleJob, actor: string, at: number): Intervention | undefined {
  if (job.state === "cancelling" || job.state === "cancelled") return undefined;
  if (job.state === "done") throw new Problem("conflict", `the job ${job.id} is done`);
  const { steps, calledOff } = changeOf(job.change.change);
  const placeOf = (name: string) => steps.findIndex((step) => step.name === name);
  if (calledOff === undefined || placeOf(job.step) > placeOf(calledOff.until)) {
    throw new Problem("conflict", `it is too late to call off what is being done to ${job.beaconName}`, {
      hint: job.state === "failed" ? "Retry it." : "It ends by itself; ask for the opposite then.",
    });
  }
  const { step } = job;
  return {
    changes: {
      state: "cancelling",
      waitingFor: "what was done to be taken back",
      ...{ problem: null, attempts: 0, wakeAt: at, enteredAt: at, finishedAt: null },
    },
    told: {
      event: { at, step, message: `Called off by ${actor}.`, durationMs: at - job.enteredAt },
      audit: line(job, actor, "cancel"),
    },
  };
}
