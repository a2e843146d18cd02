import type { JobView } from "#shared/api/hub.ts";
import { Button } from "#ui/components/button.tsx";
import { Dialog } from "#ui/components/dialog.tsx";
import { ProblemBox } from "#ui/components/problem-box.tsx";
import { useTask } from "#ui/use-task.ts";
import { useFleet } from "./fleet-store.ts";

/** Asks before a job is cancelled: what it made goes with it. */
export function CancelJobDialog({ job, onClose }: { job: JobView; onClose: () => void }) {
  const fleet = useFleet();
  const cancel = useTask(async () => {
    fleet.take([await fleet.api.cancelJob(job.id)]);
    onClose();
  });
  return (
    <Dialog
      title={`Cancel ${job.beaconName}?`}
      size="small"
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Go on</Button>
          <Button kind="danger" busy={cancel.busy} onClick={() => void cancel.run()}>
            Cancel the job
          </Button>
        </>
      }
    >
      <p>The server and everything else that this job made is taken back. The name is free again.</p>
      {cancel.problem === undefined ? null : <ProblemBox problem={cancel.problem} />}
    </Dialog>
  );
}
