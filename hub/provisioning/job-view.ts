import type { JobEvent, JobView, SaleView } from "#shared/api/hub.ts";
import type { Job } from "../store/jobs.ts";
import type { Purchase, Sale } from "../store/purchases.ts";

/** A job as people see it. */
export const jobViewOf = (job: Job, events: readonly JobEvent[]): JobView => ({
  id: job.id,
  purchase: job.purchase.id,
  ...(job.beacon === undefined ? {} : { beacon: job.beacon }),
  beaconName: job.purchase.beaconName,
  email: job.purchase.email,
  modules: [...job.purchase.modules],
  ...(job.purchase.sale === undefined ? {} : { sale: saleViewOf(job.purchase, job.purchase.sale) }),
  state: job.state,
  ...(job.stoppedIn === undefined ? {} : { stoppedIn: job.stoppedIn }),
  ...(job.waitingFor === undefined ? {} : { waitingFor: job.waitingFor }),
  ...(job.problem === undefined ? {} : { problem: job.problem }),
  createdAt: job.createdAt,
  ...(job.finishedAt === undefined ? {} : { finishedAt: job.finishedAt }),
  events: [...events],
});

const saleViewOf = ({ approvedAt }: Purchase, { bundle, tier, lines, currency, awaits }: Sale): SaleView => ({
  bundle,
  tier,
  monthlyCents: lines.reduce((sum, { priceCents }) => sum + priceCents, 0),
  currency,
  awaits,
  ...(approvedAt === undefined ? {} : { approvedAt }),
});
