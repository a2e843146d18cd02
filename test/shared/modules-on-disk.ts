import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ModuleDefinition } from "#shared/modules/manifest.ts";
import { readModule } from "#shared/modules/read.ts";

/** The modules of a folder by their ids. */
export const modulesIn = (folder: string): Record<string, ModuleDefinition> =>
  Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((id) => {
        const files = join(folder, id);
        const text = (file: string) => readFileSync(join(files, file), "utf8");
        return [
          id,
          readModule({ folder: files, manifestText: text("module.yaml"), composeText: text("compose.yaml") }),
        ];
      }),
  );
