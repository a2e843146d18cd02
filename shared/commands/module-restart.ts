import { z } from "zod";
import { defineCommand } from "../command.ts";
import type { InstanceRecord } from "../instance.ts";
import { InstanceName, Timestamp } from "../names.ts";
import type { Observed } from "../observed.ts";
import { admitted } from "../plans/admission.ts";
import { planRunning, planStopped } from "../plans/changes.ts";
import { instanceRecord } from "../plans/instance-record.ts";
import { planUndone } from "../plans/undo.ts";
import type { Step } from "../steps.ts";

/**
 * Has every container of an instance started after a time, and starts a stopped instance. That it was done is recorded
 * last: broken off before, it stops and starts once more; delivered again, it plans nothing.
 */
export const moduleRestart = defineCommand({
  name: "module.restart",
  title: "Restart a module",
  input: z.strictObject({ instance: InstanceName, after: Timestamp }),
  timed: true,
  lane: (want) => want.instance,
  plan: (want, seen) => {
    const record = instanceRecord(seen, want.instance);
    const { resolved, startedAfter } = record;
    // Not "or later": a clock that was hours ahead and set right would have every restart until then do nothing.
    const isDone = startedAfter === want.after;
    return admitted(resolved, seen, isDone ? planRunning(resolved, seen) : planRestarted(record, want.after, seen));
  },
  undo: (want, seen, id) => planUndone(want.instance, seen, id),
});

function planRestarted(record: InstanceRecord, after: number, seen: Observed): Step[] {
  const started = planRunning(record.resolved, withoutRunning(record.resolved.name, seen));
  return [
    ...planStopped({ ...record, desired: "stopped" }, seen),
    ...started.filter(({ kind }) => kind !== "instance.put"),
    { kind: "instance.put", record: { ...record, desired: "running", startedAfter: after } },
  ];
}

/** The beacon as it is once every container of the instance has been stopped. */
const withoutRunning = (instance: string, seen: Observed): Observed => ({
  ...seen,
  containers: seen.containers.map((container) =>
    container.instance === instance && container.state !== "dead"
      ? { ...container, state: "exited", health: "none" }
      : container,
  ),
});
