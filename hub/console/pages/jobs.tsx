import type { JobView } from "#shared/api/hub.ts";
import { Ago } from "#ui/components/ago.tsx";
import { Button } from "#ui/components/button.tsx";
import { useTitle } from "#ui/components/frame.tsx";
import { Empty, Skeleton } from "#ui/components/states.tsx";
import { formatCount, formatDuration } from "#ui/format.ts";
import { useFleet } from "../fleet-store.ts";
import { JobStatus } from "../job-status.tsx";
import { jobHasEnded, jobNow } from "../job-words.ts";
import "./jobs.css";

/** Every order and what became of it, newest first. */
export function JobsPage() {
  useTitle("Jobs");
  const jobs = useFleet().jobs.value;
  return (
    <>
      <div class="page-head">
        <div class="titles">
          <h1>Jobs</h1>
          <p class="sub">Each brings one beacon from an order to its owner.</p>
        </div>
        {jobs?.length === 0 ? null : (
          <Button kind="primary" icon="plus" href="/beacons/new">
            New beacon
          </Button>
        )}
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
      {jobs === undefined || jobs.length === 0 ? null : (
        <ul class="rows card">
          {jobs.map((job) => (
            <li key={job.id}>
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
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function nowOf(job: JobView): string {
  if (job.state === "FAILED") return job.problem?.message ?? "";
  if (jobHasEnded(job.state)) return formatCount(job.modules.length, "app");
  return jobNow(job);
}
