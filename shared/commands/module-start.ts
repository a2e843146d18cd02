import { z } from "zod";
import { defineCommand } from "../command.ts";
import { InstanceName } from "../names.ts";
import { admitted } from "../plans/admission.ts";
import { planRunning } from "../plans/changes.ts";
import { instanceRecord } from "../plans/instance-record.ts";

/** Starts a stopped instance as it was recorded. */
export const moduleStart = defineCommand({
  name: "module.start",
  title: "Start a module",
  input: z.strictObject({ instance: InstanceName }),
  lane: (want) => want.instance,
  plan: (want, seen) => {
    const { resolved } = instanceRecord(seen, want.instance);
    return admitted(resolved, seen, planRunning(resolved, seen));
  },
});
