import type { JobState } from "#shared/api/hub.ts";
import { Status } from "#ui/components/status.tsx";

export function JobStatus({ state }: { state: JobState }) {
  if (state === "COMPLETED") return <Status tone="good">Completed</Status>;
  if (state === "FAILED") return <Status tone="bad">Failed</Status>;
  if (state === "CANCELLED") return <Status tone="off">Cancelled</Status>;
  return <Status tone="busy">In progress</Status>;
}
