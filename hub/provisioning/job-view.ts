import type { JobEvent, JobView } from "#shared/api/hub.ts";
import type { Job } from "../store/jobs.ts";

/** A job as people see it. */
export const jobViewOf = (job: Job, events: readonly JobEvent[]): JobView => ({
  id: job.id,
  ...(job.beacon === undefined ? {} : { beacon: job.beacon }),
  beaconName: job.purchase.beaconName,
  email: job.purchase.email,
  modules: [...job.purchase.modules],
  state: job.state,
  ...(job.stoppedIn === undefined ? {} : { stoppedIn: job.stoppedIn }),
  ...(job.waitingFor === undefined ? {} : { waitingFor: job.waitingFor }),
  ...(job.problem === undefined ? {} : { problem: job.problem }),
  createdAt: job.createdAt,
  ...(job.finishedAt === undefined ? {} : { finishedAt: job.finishedAt }),
  events: [...events],
});
