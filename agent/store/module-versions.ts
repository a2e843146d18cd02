import { z } from "zod";
import { Manifest, type ModuleDefinition, moduleVersion } from "#shared/modules/manifest.ts";
import type { AgentDatabase } from "./database.ts";

/**
 * Modules as instances were installed from them, so that a newer agent can still change the settings of an app without
 * changing its version.
 */
export interface ModuleVersions {
  /** Remembers what is offered now, and forgets versions that are neither offered nor in use. */
  keep(offered: readonly ModuleDefinition[], inUse: ReadonlySet<string>): void;
  /** By `id@version`. */
  all(): Readonly<Record<string, ModuleDefinition>>;
}

const Definition = z.object({ manifest: Manifest, compose: z.object({ path: z.string(), text: z.string() }) });
const Row = z.object({ version: z.string(), definition_json: z.string() });

export function moduleVersions(db: AgentDatabase): ModuleVersions {
  const upsert = db.prepare(
    "insert into module_version (version, definition_json) values (?, ?) on conflict (version) do update set definition_json = excluded.definition_json",
  );
  const names = db.prepare("select version from module_version").pluck();
  const remove = db.prepare("delete from module_version where version = ?");
  const select = db.prepare("select * from module_version order by version");
  const keep = db.transaction((offered: readonly ModuleDefinition[], inUse: ReadonlySet<string>) => {
    const now = new Set(offered.map(({ manifest }) => moduleVersion(manifest)));
    for (const module of offered) upsert.run(moduleVersion(module.manifest), JSON.stringify(module));
    for (const version of z.array(z.string()).parse(names.all())) {
      if (!now.has(version) && !inUse.has(version)) remove.run(version);
    }
  });
  return {
    keep,
    all: () =>
      Object.fromEntries(
        select.all().flatMap((row) => {
          const { version, definition_json } = Row.parse(row);
          // What an older agent wrote down may be more than this one understands: it can be updated, not configured.
          const definition = Definition.safeParse(JSON.parse(definition_json));
          return definition.success ? [[version, definition.data]] : [];
        }),
      ),
  };
}
