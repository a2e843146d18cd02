import { InstanceName } from "#shared/names.ts";

/** The module's own name, or the first of `name-2`, `name-3` … that is free. */
export function freeInstanceName(module: string, taken: readonly string[]): string {
  if (!taken.includes(module)) return module;
  for (let number = 2; ; number++) {
    const name = `${module}-${number}`;
    if (!taken.includes(name)) return name;
  }
}

/** What is wrong with a name for a new instance; `undefined` when it is fine. */
export function instanceNameProblem(name: string, taken: readonly string[]): string | undefined {
  if (name === "") return "A name is needed.";
  if (taken.includes(name)) return "There is an app of this name already.";
  if (InstanceName.safeParse(name).success) return undefined;
  return "Up to 40 of a–z, 0–9 and hyphens; no hyphen at either end.";
}
