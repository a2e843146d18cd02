import type { BeaconSummary } from "#shared/api/hub.ts";
import { Status } from "#ui/components/status.tsx";

/** How a beacon is, in a word. */
export function BeaconStatus({
  beacon,
}: {
  beacon: Pick<BeaconSummary, "online" | "degraded" | "lastSeenAt" | "suspendedAt">;
}) {
  if (!beacon.online) {
    return beacon.lastSeenAt === undefined ? <Status tone="busy">Not yet</Status> : <Status tone="bad">Offline</Status>;
  }
  if (beacon.suspendedAt !== undefined) return <Status tone="warn">Suspended</Status>;
  return beacon.degraded > 0 ? <Status tone="warn">Degraded</Status> : <Status tone="good">Online</Status>;
}
