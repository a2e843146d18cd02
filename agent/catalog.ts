import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ModuleSummary } from "#shared/api/beacon.ts";
import type { ModuleDefinition } from "#shared/modules/manifest.ts";
import { moduleSummary, readModule } from "#shared/modules/read.ts";
import { Problem } from "#shared/problem.ts";

/** The modules that this beacon knows. */
export interface Catalog {
  readonly modules: Readonly<Record<string, ModuleDefinition>>;
  /** Why folders were left out: a broken module takes nothing but itself away. */
  readonly problems: readonly Problem[];
  readonly summaries: readonly ModuleSummary[];
}

const MANIFEST = "module.yaml";
const COMPOSE = "compose.yaml";

/** Reads every folder of `modulesDirectory` that holds a manifest. Never throws: what is wrong is in `problems`. */
export function loadCatalog(modulesDirectory: string): Catalog {
  const modules: Record<string, ModuleDefinition> = {};
  const problems: Problem[] = [];
  for (const folder of foldersIn(modulesDirectory, problems)) {
    try {
      const module = loadModule(join(modulesDirectory, folder));
      modules[module.manifest.id] = module;
    } catch (error) {
      problems.push(Problem.wrap(error));
    }
  }
  return { modules, problems, summaries: Object.values(modules).map(moduleSummary) };
}

function foldersIn(directory: string, problems: Problem[]): string[] {
  try {
    return readdirSync(directory)
      .filter((folder) => existsSync(join(directory, folder, MANIFEST)))
      .sort();
  } catch (cause) {
    const hint = "Check modulesDirectory in the agent's configuration.";
    problems.push(new Problem("not_found", `the folder of modules ${directory} cannot be read`, { hint, cause }));
    return [];
  }
}

function loadModule(folder: string): ModuleDefinition {
  const read = (file: string) => {
    try {
      return readFileSync(join(folder, file), "utf8");
    } catch (cause) {
      throw new Problem("manifest_invalid", `${join(folder, file)} cannot be read`, { cause });
    }
  };
  return readModule({ folder, manifestText: read(MANIFEST), composeText: read(COMPOSE) });
}
