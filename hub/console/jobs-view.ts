import type { JobView } from "#shared/api/hub.ts";
import { jobHasEnded } from "./job-words.ts";

export const jobFilters = ["all", "open", "decide", "failed", "done"] as const;
export type JobFilter = (typeof jobFilters)[number];

/** How the reader wants to see the list, as it stands in the address. */
export interface JobsView {
  readonly filter: JobFilter;
  readonly search: string;
}

/** Pure: from the query of an address; what is not known there is left out. */
export function parseJobsView(query: string): JobsView {
  const given = new URLSearchParams(query);
  return {
    filter: jobFilters.find((one) => one === given.get("show")) ?? "all",
    search: given.get("search") ?? "",
  };
}

/** Pure: the shortest query that says so. */
export function formatJobsView({ filter, search }: JobsView): string {
  return new URLSearchParams({
    ...(filter === "all" ? {} : { show: filter }),
    ...(search === "" ? {} : { search }),
  }).toString();
}

/** Waits until an operator lets it pass. */
export const awaitsApproval = ({ state, sale }: JobView): boolean =>
  state === "PENDING" && sale !== undefined && sale.approvedAt === undefined;

const isOf: Readonly<Record<JobFilter, (job: JobView) => boolean>> = {
  all: () => true,
  open: ({ state }) => !jobHasEnded(state),
  decide: (job) => awaitsApproval(job) && job.sale?.awaits === "approval",
  failed: ({ state }) => state === "FAILED",
  done: ({ state }) => state === "COMPLETED" || state === "CANCELLED",
};

/** Pure: how many there are of each kind. */
export const countJobs = (jobs: readonly JobView[]): Readonly<Record<JobFilter, number>> => ({
  all: jobs.length,
  open: jobs.filter(isOf.open).length,
  decide: jobs.filter(isOf.decide).length,
  failed: jobs.filter(isOf.failed).length,
  done: jobs.filter(isOf.done).length,
});

/** Pure: those that the reader wants to see, in their order. A text is looked for in names, addresses and ids. */
export function listJobs(jobs: readonly JobView[], { filter, search }: JobsView): JobView[] {
  const wanted = search.trim().toLowerCase();
  return jobs
    .filter(isOf[filter])
    .filter(({ id, purchase, beaconName, email }) =>
      [id, purchase, beaconName, email].some((one) => one.toLowerCase().includes(wanted)),
    );
}
