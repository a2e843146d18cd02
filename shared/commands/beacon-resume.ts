import { z } from "zod";
import { defineCommand } from "../command.ts";
import { planResumed } from "../plans/suspended.ts";

/** Starts what ran before the beacon was suspended. */
export const beaconResume = defineCommand({
  name: "beacon.resume",
  title: "Resume the beacon",
  input: z.strictObject({}),
  reserved: true,
  lane: () => "beacon",
  plan: (_want, seen) => planResumed(seen),
});
