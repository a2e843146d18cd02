import type { ModuleDefinition } from "../modules/manifest.ts";
import type { Observed } from "../observed.ts";
import { Problem } from "../problem.ts";

/** @throws {Problem} `module_unknown` when the beacon's catalogue has no module of that id. */
export function knownModule(seen: Observed, id: string): ModuleDefinition {
  const module = Object.hasOwn(seen.modules, id) ? seen.modules[id] : undefined;
  if (module !== undefined) return module;
  throw new Problem("module_unknown", `this beacon does not know a module ${id}`, {
    hint: "Check the name; a newer module may need a newer agent.",
  });
}
