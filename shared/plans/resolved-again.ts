import type { InstanceRecord } from "../instance.ts";
import type { ModuleDefinition } from "../modules/manifest.ts";
import { resolveInstance } from "../modules/resolve.ts";
import type { Observed } from "../observed.ts";
import type { Step } from "../steps.ts";
import { admitted } from "./admission.ts";
import { planRecorded, recordOf } from "./changes.ts";

/**
 * Steps from an installed instance to `module` with these parameters. What is stopped stays stopped.
 * @throws {Problem} `invalid_input` for the parameters, or why the beacon has no room for it.
 */
export function planResolvedAgain(
  { resolved: { name, secretGenerations }, hash, desired }: InstanceRecord,
  { module, parameters }: { module: ModuleDefinition; parameters: Readonly<Record<string, unknown>> },
  seen: Observed,
): readonly Step[] {
  const record = recordOf(resolveInstance(module, { instance: name, parameters, secretGenerations }, seen), desired);
  const changes = planRecorded(record, seen);
  // What is to run is recorded by its own plan.
  const put = desired === "stopped" && record.hash !== hash ? [{ kind: "instance.put", record } as const] : [];
  return admitted(record.resolved, seen, [...changes, ...put]);
}
