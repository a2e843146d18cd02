import { z } from "zod";
import { defineCommand } from "../command.ts";
import { InstanceName } from "../names.ts";
import { planStopped } from "../plans/changes.ts";
import { instanceRecord } from "../plans/instance-record.ts";

/** Stops an instance and keeps it stopped over restarts; its data, address and settings stay. */
export const moduleStop = defineCommand({
  name: "module.stop",
  title: "Stop a module",
  input: z.strictObject({ instance: InstanceName }),
  lane: (want) => want.instance,
  plan: (want, seen) => planStopped(instanceRecord(seen, want.instance), seen),
});
