import { Problem } from "#shared/problem.ts";
import type { Job, JobStep } from "../store/jobs.ts";
import type { NewMail } from "../store/mails.ts";
import { cancelStep } from "./job-step.ts";
import { workingState } from "./states/index.ts";

/** What somebody wants changed in a job as it was seen; `undefined` when it is so already. */
export type Intervention = JobStep | undefined;

/** @throws {Problem} `conflict` when it has not failed, and completed with all there is to it */
export function retryOf(job: Job, actor: string, at: number): Intervention {
  if (job.state === "COMPLETED" && job.problem !== undefined) {
    return {
      changes: { wakeAt: at },
      event: { at, state: "COMPLETED", message: `The welcome mail was sent again by ${actor}.` },
      audit: { actor, action: "job.retry", subject: job.id, details: { state: job.state } },
    };
  }
  const stoppedIn = job.stoppedIn === undefined ? undefined : workingState(job.stoppedIn);
  if (job.state !== "FAILED" || stoppedIn === undefined) {
    throw new Problem("conflict", `the job ${job.id} has not failed: it is ${job.state}`);
  }
  const state = stoppedIn.retryIn ?? stoppedIn.state;
  return {
    changes: { state, stoppedIn: null, problem: null, attempts: 0, wakeAt: at, enteredAt: at, finishedAt: null },
    event: { at, state, message: `Tried again by ${actor}.` },
    audit: { actor, action: "job.retry", subject: job.id, details: { state } },
  };
}

/** Cancelling again changes nothing. @throws {Problem} `conflict` once it is completed */
export function cancelOf(job: Job, actor: string, at: number): Intervention {
  if (job.state === "CANCELLED") return undefined;
  if (job.state === "COMPLETED") {
    throw new Problem("conflict", `the job ${job.id} is completed`, { hint: "Remove the beacon instead." });
  }
  const step = cancelStep(job, at, `Cancelled by ${actor}.`);
  const details = { stoppedIn: step.changes.stoppedIn };
  return { ...step, audit: { actor, action: "job.cancel", subject: job.id, details } };
}

/** Whether its beacon serves, and nothing but the mail that says so is missing. */
export const isServed = ({ state, stoppedIn }: Pick<Job, "state" | "stoppedIn">): boolean =>
  state === "COMPLETED" || state === "SENDING_WELCOME" || (state === "FAILED" && stoppedIn === "SENDING_WELCOME");

/**
 * What was paid and is not delivered in its time is called off by the hub itself, also when it has failed and nobody has done anything
 * about it. What serves or is called off stays so.
 */
export function overdueOf(job: Job, at: number, hours: number, mails: readonly NewMail[]): Intervention {
  if (isServed(job) || job.state === "CANCELLED") return undefined;
  const message = `Not delivered within ${hours} hours of its payment: it is called off, and the money goes back.`;
  const step = cancelStep(job, at, message);
  const details = { stoppedIn: step.changes.stoppedIn };
  return { ...step, audit: { actor: "provisioning", action: "job.call-off", subject: job.id, details }, mails };
}

/** Of the customer: as long as nothing was paid. @throws {Problem} `conflict` afterwards */
export function withdrawOf(job: Job, actor: string, at: number): Intervention {
  if (job.state === "CANCELLED") return undefined;
  if (job.state === "PENDING" && job.purchase.approvedAt === undefined) return cancelOf(job, actor, at);
  throw new Problem("conflict", "this order is accepted already", { hint: "Write to us to cancel it." });
}

/** An order goes on without a payment. Approving again changes nothing. @throws {Problem} `conflict` when it is over */
export function approveOf(job: Job, actor: string, at: number): Intervention {
  if (job.purchase.approvedAt !== undefined) return undefined;
  if (job.state !== "PENDING") {
    throw new Problem("conflict", `the job ${job.id} waits for no approval: it is ${job.state}`);
  }
  return {
    changes: { approvedAt: at, wakeAt: at },
    event: { at, state: "PENDING", message: `Approved by ${actor}.` },
    audit: { actor, action: "job.approve", subject: job.id, details: { beacon: job.purchase.beaconName } },
  };
}
