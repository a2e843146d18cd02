import { type JobState, jobStates } from "#shared/api/hub.ts";
import { ProgressBar } from "#ui/components/progress-bar.tsx";
import { useFleet } from "./fleet-store.ts";
import { jobHasEnded, jobNow } from "./job-words.ts";
import "./running-jobs.css";

const stateNames: readonly JobState[] = jobStates;

/** Beacons that are on their way, above those that are there. */
export function RunningJobs() {
  const running = (useFleet().jobs.value ?? []).filter((job) => !jobHasEnded(job.state));
  if (running.length === 0) return null;
  return (
    <ul class="running-jobs rows card" aria-label="Beacons on their way">
      {running.map((job) => {
        const at = stateNames.indexOf(job.state);
        return (
          <li key={job.id}>
            <a class="running-job" href={`/jobs/${job.id}`}>
              <span class="spinner" />
              <strong>{job.beaconName}</strong>
              <span class="muted truncate">{jobNow(job)}</span>
              <ProgressBar label={`Creating ${job.beaconName}`} percent={(at / (jobStates.length - 1)) * 100} />
            </a>
          </li>
        );
      })}
    </ul>
  );
}
