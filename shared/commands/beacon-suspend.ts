import { z } from "zod";
import { defineCommand } from "../command.ts";
import { planSuspended } from "../plans/suspended.ts";

/** Stops every app and keeps all of them stopped, over restarts and without the hub, until the beacon is resumed. Data stays. */
export const beaconSuspend = defineCommand({
  name: "beacon.suspend",
  title: "Suspend the beacon",
  input: z.strictObject({}),
  reserved: true,
  lane: () => "beacon",
  plan: (_want, seen) => planSuspended(seen),
});
