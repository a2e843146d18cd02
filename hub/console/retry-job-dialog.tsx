import type { JobView } from "#shared/api/hub.ts";
import { ConfirmDialog } from "#ui/components/confirm-dialog.tsx";
import { useFleet } from "./fleet-store.ts";
import { jobWords, lacksMail } from "./job-words.ts";

/** Says where a job goes on before it does. */
export function RetryJobDialog({ job, onClose }: { job: JobView; onClose: () => void }) {
  const fleet = useFleet();
  const at = jobWords[job.stoppedIn ?? "PENDING"].title;
  return (
    <ConfirmDialog
      title={`Try ${job.beaconName} again?`}
      verb="Try again"
      otherwise="Not now"
      kind="primary"
      act={async () => fleet.take([await fleet.api.retryJob(job.id)])}
      onClose={onClose}
    >
      {lacksMail(job) ? (
        <p>The welcome mail to {job.email} is sent again, with the handbook. The beacon is left as it is.</p>
      ) : (
        <p>
          It goes on where it stopped: “{at}”. What it has made is looked for first, so that nothing is made or charged
          twice.
        </p>
      )}
    </ConfirmDialog>
  );
}
