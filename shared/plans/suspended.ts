import type { InstanceRecord } from "../instance.ts";
import type { Observed } from "../observed.ts";
import type { Step } from "../steps.ts";
import { admitted } from "./admission.ts";
import { planRunning } from "./changes.ts";
import { planRunningStopped } from "./containers.ts";

/**
 * Steps to no app running, each recorded with what it is to be again. The core modules stay: the dashboard is served, and data can be
 * fetched. Apps that others need stop last.
 */
export const planSuspended = (seen: Observed): Step[] =>
  inOrder(apps(seen))
    .reverse()
    .flatMap((record): Step[] => [
      ...planRunningStopped(record.resolved, seen),
      ...(record.suspendedFrom === undefined
        ? [
            {
              kind: "instance.put",
              record: { ...record, desired: "stopped", suspendedFrom: record.desired },
            } as const,
          ]
        : []),
    ]);

/**
 * Steps to what ran before a suspension, apps that others need first; what had been stopped before stays so.
 * @throws {Problem} why the beacon has no room for one of them
 */
export function planResumed(seen: Observed): Step[] {
  // As if the marks were gone already: they are what stands in the way of everybody else.
  const free = { ...seen, instances: seen.instances.map(awake) };
  return inOrder(apps(seen)).flatMap(({ suspendedFrom, ...record }): readonly Step[] => {
    if (suspendedFrom === undefined) return [];
    if (suspendedFrom === "stopped") return [{ kind: "instance.put", record }];
    // It is stopped as it is seen, so that its record is put last.
    const before = free.instances.map((one) => (one.resolved.name === record.resolved.name ? record : one));
    return admitted(record.resolved, free, planRunning(record.resolved, { ...free, instances: before }));
  });
}

const apps = ({ instances }: Observed) => instances.filter(({ resolved }) => !resolved.core);

/** As it will be recorded once its beacon is resumed. */
const awake = ({ suspendedFrom, ...record }: InstanceRecord): InstanceRecord => ({
  ...record,
  desired: suspendedFrom ?? record.desired,
});

/** What is needed comes before what needs it. */
function inOrder(records: readonly InstanceRecord[]): InstanceRecord[] {
  const sorted = new Set<InstanceRecord>();
  const visiting = new Set<InstanceRecord>();
  const visit = (record: InstanceRecord) => {
    if (visiting.has(record)) return;
    visiting.add(record);
    for (const needed of records) if (record.resolved.requires.includes(needed.resolved.name)) visit(needed);
    sorted.add(record);
  };
  for (const record of records) visit(record);
  return [...sorted];
}
