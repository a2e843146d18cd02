import type { JobView } from "#shared/api/hub.ts";
import { formatMoney } from "#shared/money.ts";
import { Ago } from "#ui/components/ago.tsx";
import { Button } from "#ui/components/button.tsx";
import { FilterChips } from "#ui/components/filter-chips.tsx";
import { useTitle } from "#ui/components/frame.tsx";
import { SearchBox } from "#ui/components/search-box.tsx";
import { Empty, Skeleton } from "#ui/components/states.tsx";
import { formatCount, formatDuration } from "#ui/format.ts";
import { useRouter } from "#ui/router.tsx";
import { useFleet } from "../fleet-store.ts";
import { JobStatus } from "../job-status.tsx";
import { jobHasEnded, jobNow } from "../job-words.ts";
import {
  awaitsApproval,
  countJobs,
  formatJobsView,
  type JobFilter,
  type JobsView,
  jobFilters,
  listJobs,
  parseJobsView,
} from "../jobs-view.ts";
import "./jobs.css";

const filterWords: Readonly<Record<JobFilter, string>> = {
  all: "All",
  open: "Open",
  decide: "Wait for you",
  failed: "Failed",
  done: "Done",
};

/** As many as the hub lists. */
const MOST_JOBS = 200;

/** Every order and what became of it, newest first. */
export function JobsPage() {
  useTitle("Jobs");
  const jobs = useFleet().jobs.value;
  const router = useRouter();
  const view = parseJobsView(router.query.value);
  const change = (to: JobsView, how?: { replace: boolean }) => router.show(formatJobsView(to), how);
  const shown = listJobs(jobs ?? [], view);
  const hasSome = jobs !== undefined && jobs.length > 0;
  return (
    <>
      <div class="page-head">
        <div class="titles">
          <h1>Jobs</h1>
          <p class="sub">Each brings one beacon from an order to its owner.</p>
        </div>
        {hasSome ? (
          <div class="actions">
            <SearchBox
              label="Search jobs"
              value={view.search}
              onInput={(search) => change({ ...view, search }, { replace: true })}
            />
            <Button kind="primary" icon="plus" href="/beacons/new">
              New beacon
            </Button>
          </div>
        ) : null}
      </div>
      {jobs === undefined ? <Skeleton lines={6} /> : null}
      {jobs?.length === 0 ? (
        <Empty
          title="No jobs yet"
          action={
            <Button kind="primary" icon="plus" href="/beacons/new">
              New beacon
            </Button>
          }
        >
          A job begins with an order and ends with a beacon that runs.
        </Empty>
      ) : null}
      {hasSome ? <Filters jobs={jobs} view={view} onChange={change} /> : null}
      {hasSome && shown.length === 0 ? (
        <Empty title="No job matches" action={<Button onClick={() => change(parseJobsView(""))}>Show all jobs</Button>}>
          {view.search === ""
            ? "None is like that now."
            : `None of these has “${view.search}” in its name, address or id.`}
        </Empty>
      ) : null}
      {shown.length === 0 ? null : (
        <ul class="rows card" aria-label="Jobs">
          {shown.map((job) => (
            <li key={job.id}>
              <JobRow job={job} />
            </li>
          ))}
        </ul>
      )}
      {jobs !== undefined && jobs.length >= MOST_JOBS ? (
        <p class="jobs-end muted">These are the newest {MOST_JOBS}. Older ones are in the audit log.</p>
      ) : null}
    </>
  );
}

interface FiltersProps {
  readonly jobs: readonly JobView[];
  readonly view: JobsView;
  readonly onChange: (view: JobsView) => void;
}

function Filters({ jobs, view, onChange }: FiltersProps) {
  const counts = countJobs(jobs);
  return (
    <FilterChips
      filters={jobFilters
        .filter((filter) => filter !== "decide" || counts.decide > 0 || view.filter === "decide")
        .map((filter) => ({ filter, title: filterWords[filter], count: counts[filter] }))}
      chosen={view.filter}
      onChoose={(filter) => onChange({ ...view, filter })}
    />
  );
}

const JobRow = ({ job }: { job: JobView }) => (
  <a class="job-row" href={`/jobs/${job.id}`}>
    <span class="fleet-name">
      <strong>{job.beaconName}</strong>
      <span class="muted truncate">{job.email}</span>
    </span>
    <JobStatus state={job.state} />
    <span class="muted truncate job-now">{nowOf(job)}</span>
    <span class="mono faint job-took">
      {job.finishedAt === undefined ? "" : formatDuration(job.finishedAt - job.createdAt)}
    </span>
    <span class="muted job-when">
      <Ago at={job.createdAt} />
    </span>
  </a>
);

function nowOf(job: JobView): string {
  if (job.state === "FAILED") return job.problem?.message ?? "";
  if (awaitsApproval(job) && job.sale?.awaits === "approval") return `Waits for you to let it pass: ${boughtOf(job)}`;
  return jobHasEnded(job.state) ? boughtOf(job) : jobNow(job);
}

const boughtOf = ({ sale, modules }: JobView): string =>
  sale === undefined
    ? formatCount(modules.length, "app")
    : `${sale.bundle} ${sale.tier.toUpperCase()}, ${formatMoney(sale.monthlyCents, sale.currency)} a month`;
