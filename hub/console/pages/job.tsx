import { useState } from "preact/hooks";
import type { JobView } from "#shared/api/hub.ts";
import { Ago } from "#ui/components/ago.tsx";
import { Button } from "#ui/components/button.tsx";
import { useTitle } from "#ui/components/frame.tsx";
import { Icon } from "#ui/components/icon.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { Skeleton } from "#ui/components/states.tsx";
import { downloadText } from "#ui/download-text.ts";
import { formatDuration } from "#ui/format.ts";
import { useLoaded } from "#ui/use-loaded.ts";
import { useNow } from "#ui/use-now.ts";
import { useTask } from "#ui/use-task.ts";
import { CancelJobDialog } from "../cancel-job-dialog.tsx";
import { useFleet } from "../fleet-store.ts";
import { jobLog } from "../job-log.ts";
import { JobPayment } from "../job-payment.tsx";
import { JobStatus } from "../job-status.tsx";
import { jobTimeline, type TimelineEntry } from "../job-timeline.ts";
import { jobHasEnded, jobWords, lacksMail } from "../job-words.ts";
import { awaitsApproval } from "../jobs-view.ts";
import { OpenDashboard } from "../open-dashboard.tsx";
import { NextStep } from "../problem-next-step.tsx";
import { RetryJobDialog } from "../retry-job-dialog.tsx";
import "../timeline.css";
import "./job.css";

/** One job, live: where it is, what it waits for, what went wrong, and what can be done about it. */
export function JobPage({ id }: { id: string }) {
  const fleet = useFleet();
  // Events bring what changes; the first answer brings a job that no list has.
  const first = useLoaded(async () => fleet.take([await fleet.api.job(id)]), id);
  const job = fleet.jobs.value?.find((known) => known.id === id);
  useTitle(job === undefined ? "Job" : `${job.beaconName}, job`);
  const approve = useTask(async () => fleet.take([await fleet.api.approveJob(id)]));
  const [asked, ask] = useState<"cancel" | "retry">();
  if (job === undefined) {
    return first.problem === undefined ? <Skeleton lines={9} /> : <ProblemBox problem={first.problem} />;
  }
  const canStop = !jobHasEnded(job.state) || job.state === "FAILED";
  return (
    <>
      <a class="crumb" href="/jobs">
        <Icon name="back" size={13} />
        Jobs
      </a>
      <div class="page-head">
        <div class="titles">
          <h1>{job.beaconName}</h1>
          <p class="sub">
            <JobStatus state={job.state} />
            <span>for {job.email}</span>
            <span>
              ordered <Ago at={job.createdAt} />
            </span>
            <JobClock job={job} />
          </p>
        </div>
        <div class="actions">
          <Button
            icon="download"
            onClick={() =>
              downloadText({ name: `${job.beaconName}-${job.id}.txt`, type: "text/plain", text: jobLog(job) })
            }
          >
            Log
          </Button>
          {canStop ? (
            <Button kind="danger" onClick={() => ask("cancel")}>
              Cancel job
            </Button>
          ) : null}
          {awaitsApproval(job) ? (
            <Button kind="primary" icon="check" busy={approve.busy} onClick={() => void approve.run()}>
              {job.sale?.awaits === "payment" ? "Approve without payment" : "Approve"}
            </Button>
          ) : null}
          {job.state === "FAILED" || lacksMail(job) ? (
            <Button kind="primary" icon="retry" onClick={() => ask("retry")}>
              {lacksMail(job) ? "Send the mail again" : "Retry"}
            </Button>
          ) : null}
        </div>
      </div>
      {approve.problem === undefined ? null : <ProblemBox problem={approve.problem} />}
      {asked === "cancel" ? <CancelJobDialog job={job} onClose={() => ask(undefined)} /> : null}
      {asked === "retry" ? <RetryJobDialog job={job} onClose={() => ask(undefined)} /> : null}
      {lacksMail(job) && job.problem !== undefined ? <ProblemBox problem={job.problem} /> : null}
      {job.state === "COMPLETED" && job.beacon !== undefined ? <Ready job={job} beacon={job.beacon} /> : null}
      <ol class="timeline card">
        {jobTimeline(job).map((entry) => (
          <Entry key={entry.state} entry={entry} job={job} />
        ))}
      </ol>
      <JobPayment job={job} />
      <p class="job-foot faint mono">
        {job.id}
        {job.sale === undefined ? "" : ` · ${job.sale.bundle} ${job.sale.tier.toUpperCase()}`}
        {job.modules.length === 0 ? "" : ` · ${job.modules.join(", ")}`}
      </p>
    </>
  );
}

function JobClock({ job }: { job: JobView }) {
  const now = useNow();
  if (job.finishedAt === undefined && jobHasEnded(job.state)) return null;
  return (
    <span>
      {job.finishedAt === undefined ? "running for" : "took"} {formatDuration((job.finishedAt ?? now) - job.createdAt)}
    </span>
  );
}

const Ready = ({ job, beacon }: { job: JobView; beacon: string }) => (
  <div class="ready card card-body" role="status">
    <span class="dot" data-tone="good" />
    <p>
      <strong>{job.beaconName} is up.</strong> <span class="muted">Its owner has the handbook in the mail.</span>
    </p>
    <div class="actions">
      <OpenDashboard beacon={beacon} />
      <Button kind="primary" icon="arrow" href={`/beacons/${beacon}`}>
        To the beacon
      </Button>
    </div>
  </div>
);

function Entry({ entry, job }: { entry: TimelineEntry; job: JobView }) {
  const { state, mark, events } = entry;
  const { title, about } = jobWords[state];
  const current = mark === "now";
  const isReached = mark !== "done" && mark !== "next";
  return (
    <li class="timeline-entry" data-mark={mark} aria-current={current ? "step" : undefined}>
      <span class="timeline-mark">
        {mark === "done" ? <Icon name="check" size={12} /> : null}
        {mark === "failed" || mark === "cancelled" ? <Icon name="close" size={12} /> : null}
        {current ? <span class="spinner" /> : null}
      </span>
      <div class="timeline-body">
        <p class="timeline-title">
          {title}
          <span class="timeline-state mono faint">{state}</span>
          <span class="timeline-took mono muted">
            <EntryClock entry={entry} />
          </span>
        </p>
        {mark === "next" ? null : <p class="muted">{isReached ? (waitingText(job) ?? about) : about}</p>}
        {mark === "next" || events.length === 0 ? null : (
          <ul class="timeline-events">
            {events.map((event) => (
              <li key={`${event.at} ${event.message}`} data-failed={event.problem === undefined ? undefined : ""}>
                <time class="mono faint" dateTime={new Date(event.at).toISOString()}>
                  {new Date(event.at).toLocaleTimeString(undefined, { hourCycle: "h23" })}
                </time>
                <span>{event.message}</span>
              </li>
            ))}
          </ul>
        )}
        {isReached && job.problem !== undefined ? (
          <ProblemBox problem={job.problem}>
            <NextStep code={job.problem.code} />
          </ProblemBox>
        ) : null}
      </div>
    </li>
  );
}

const waitingText = ({ waitingFor }: JobView) => (waitingFor === undefined ? undefined : `Waiting for ${waitingFor}`);

function EntryClock({ entry }: { entry: TimelineEntry }) {
  const now = useNow();
  if (entry.mark === "now" && entry.enteredAt !== undefined) return <>{formatDuration(now - entry.enteredAt)}</>;
  return <>{entry.durationMs === undefined ? "" : formatDuration(entry.durationMs)}</>;
}
