import type { InstanceRecord } from "../instance.ts";
import type { Observed } from "../observed.ts";
import { Problem } from "../problem.ts";

/** @throws {Problem} `not_found` when no instance has that name. */
export function instanceRecord(seen: Observed, instance: string): InstanceRecord {
  const record = seen.instances.find(({ resolved }) => resolved.name === instance);
  if (record !== undefined) return record;
  throw new Problem("not_found", `there is no instance ${instance} on this beacon`, {
    hint: `Installed are: ${seen.instances.map(({ resolved }) => resolved.name).join(", ") || "none"}.`,
  });
}
