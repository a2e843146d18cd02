import { Problem } from "#shared/problem.ts";
import type { Beacon } from "../store/beacons.ts";
import type { LifecycleJob } from "../store/lifecycle-jobs.ts";
import type { LifecycleContext } from "./change.ts";

/** The beacon that a job changes. @throws {Problem} `not_found` when it is not the hub's any more */
export async function beaconOf({ beacons }: Pick<LifecycleContext, "beacons">, job: LifecycleJob): Promise<Beacon> {
  const beacon = await beacons.get(job.beacon);
  if (beacon !== undefined) return beacon;
  throw new Problem("not_found", `the beacon ${job.beaconName} has left this hub, or was removed`);
}
