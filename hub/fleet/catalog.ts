import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ModuleDefinition } from "#shared/modules/manifest.ts";
import { readModule } from "#shared/modules/read.ts";
import { Problem } from "#shared/problem.ts";

/** The modules that this hub offers, by id. */
export type Catalog = ReadonlyMap<string, ModuleDefinition>;

/**
 * Reads every module of a folder.
 * @throws {Problem} `invalid_input` when there is no such folder; what `readModule` says of a module that is wrong
 */
export function readCatalog(directory: string): Catalog {
  if (!existsSync(directory)) {
    throw new Problem("invalid_input", `modulesDirectory ${directory} does not exist`);
  }
  const ids = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(directory, entry.name, "module.yaml")))
    .map(({ name }) => name)
    .sort();
  return new Map(ids.map((id) => [id, readFolder(join(directory, id))]));
}

const readFolder = (folder: string): ModuleDefinition =>
  readModule({
    folder,
    manifestText: readFileSync(join(folder, "module.yaml"), "utf8"),
    composeText: readFileSync(join(folder, "compose.yaml"), "utf8"),
  });
