import { Problem } from "#shared/problem.ts";
import type { Beacon } from "../store/beacons.ts";
import type { Job } from "../store/jobs.ts";
import { beaconIdOf } from "./derived-ids.ts";
import type { StateContext } from "./state.ts";

/** The beacon that a job makes. @throws {Problem} `not_found` when somebody removed it meanwhile. */
export async function beaconOf({ beacons }: Pick<StateContext, "beacons">, job: Job): Promise<Beacon> {
  const beacon = await beacons.get(beaconIdOf(job.id));
  if (beacon !== undefined) return beacon;
  throw new Problem("not_found", `the beacon ${job.purchase.beaconName} of this job was removed`, {
    hint: "Cancel the job and order again.",
  });
}
