import type { InstanceRecord } from "../instance.ts";
import { type ModuleDefinition, moduleVersion } from "../modules/manifest.ts";
import type { Observed } from "../observed.ts";
import { Problem } from "../problem.ts";
import { knownModule } from "./known-module.ts";

/**
 * The version of a module that an instance was installed from, which need not be the one that the beacon has to offer.
 * @throws {Problem} `module_unknown`; `conflict` when the beacon kept nothing of that version
 */
export function installedModule(
  seen: Observed,
  { resolved: { name, module, version } }: InstanceRecord,
): ModuleDefinition {
  const former = seen.formerModules?.[moduleVersion({ id: module, version })];
  if (former !== undefined) return former;
  const known = knownModule(seen, module);
  if (known.manifest.version === version) return known;
  throw new Problem("conflict", `${name} runs version ${version} of ${module}, which this beacon no longer has`, {
    hint: `Update it to ${known.manifest.version} first.`,
  });
}

/** Says that there is another version than the one that runs. */
export function versionNotes(seen: Observed, { resolved: { name, module, version } }: InstanceRecord): string[] {
  const available = Object.hasOwn(seen.modules, module) ? seen.modules[module]?.manifest.version : undefined;
  if (available === undefined || available === version) return [];
  return [`${name} stays at version ${version}; ${available} is there and comes with an update.`];
}
