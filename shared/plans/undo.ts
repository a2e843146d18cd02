import type { Observed } from "../observed.ts";
import type { Step } from "../steps.ts";
import { planRemoved, planRunning } from "./changes.ts";

/**
 * Steps back to how the instance was before command `id` failed: to its record, which is written last, or to nothing.
 * Volumes and databases go only if that very command made them: data that was there before stays.
 */
export function planUndone(instance: string, seen: Observed, id: string): Step[] {
  const record = seen.instances.find((known) => known.resolved.name === instance);
  if (record !== undefined) return record.desired === "running" ? planRunning(record.resolved, seen) : [];
  const volumes = seen.volumes.filter(({ volume, createdBy }) => volume.startsWith(`${instance}/`) && createdBy === id);
  const kept = seen.volumes.some(({ volume, createdBy }) => volume.startsWith(`${instance}/`) && createdBy !== id);
  const databases = (seen.databases ?? []).filter(({ createdBy }) => createdBy === id);
  return [
    ...planRemoved(instance, seen, "keep"),
    ...databases.map(({ database }) => ({ kind: "database.drop", database }) as const),
    ...volumes.map(({ volume }) => ({ kind: "volume.remove", volume }) as const),
    ...(kept || !Object.hasOwn(seen.secrets, instance) ? [] : [{ kind: "secrets.remove", instance } as const]),
  ];
}
