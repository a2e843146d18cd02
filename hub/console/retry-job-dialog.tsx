import type { JobView } from "#shared/api/hub.ts";
import { ConfirmDialog } from "#ui/components/confirm-dialog.tsx";
import { useFleet } from "./fleet-store.ts";
import { jobWords } from "./job-words.ts";

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
      <p>
        It goes on where it stopped: “{at}”. What it has made is looked for first, so that nothing is made or charged
        twice.
      </p>
    </ConfirmDialog>
  );
}
