import { parseSecretName } from "../modules/secret-names.ts";
import { DATABASE_SECRET, databaseName, serviceUser } from "../modules/variables.ts";
import type { Observed } from "../observed.ts";
import type { Step } from "../steps.ts";
import { planRecorded, planRemoved } from "./changes.ts";

/**
 * Steps back to how the instance was before command `id` failed: to its record, which is written last, or to nothing.
 * Volumes and databases go only if that very command made them: data that was there before stays, and with it the
 * secrets that open it. Secrets that only a new version has stay as well: the next attempt takes them up.
 */
export function planUndone(instance: string, seen: Observed, id: string): Step[] {
  const record = seen.instances.find((known) => known.resolved.name === instance);
  const user = serviceUser(instance);
  return [
    ...(record === undefined ? planRemoved(instance, seen, "keep") : planRecorded(record, seen)),
    ...planMadeBy(id, instance, seen),
    ...(record === undefined && seen.redisUsers?.some((known) => known.user === user && known.createdBy === id)
      ? [{ kind: "redis.user-remove", instance, user } as const]
      : []),
    ...(record === undefined && Object.hasOwn(seen.secrets, instance) && !keepsData(instance, seen, id)
      ? [{ kind: "secrets.remove", instance } as const]
      : []),
  ];
}

function planMadeBy(id: string, instance: string, seen: Observed): Step[] {
  const made = ({ createdBy }: { createdBy: string }) => createdBy === id;
  return [
    ...(seen.databases ?? []).filter(made).map(({ database }) => ({ kind: "database.drop", database }) as const),
    ...volumesOf(instance, seen)
      .filter(made)
      .map(({ volume }) => ({ kind: "volume.remove", volume }) as const),
  ];
}

/** Whether something outlives the command that the secrets of the instance may belong to. */
function keepsData(instance: string, seen: Observed, id: string): boolean {
  if (volumesOf(instance, seen).some(({ createdBy }) => createdBy !== id)) return true;
  if (seen.redisUsers?.some((known) => known.user === serviceUser(instance) && known.createdBy !== id)) return true;
  if (seen.databases === null)
    return seen.secrets[instance]?.some((name) => parseSecretName(name).secret === DATABASE_SECRET) ?? false;
  return seen.databases.some(({ database, createdBy }) => database === databaseName(instance) && createdBy !== id);
}

const volumesOf = (instance: string, seen: Observed) =>
  seen.volumes.filter(({ volume }) => volume.startsWith(`${instance}/`));
