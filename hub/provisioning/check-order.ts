import type { Order } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import type { ModuleFacts } from "./module-facts.ts";
import { reservedNames } from "./reserved-names.ts";

/** The hub's own place in the zone of the beacons, if it has one: `hub` for `https://hub.example.org` over `example.org`. */
export function ownNamesOf(publicUrl: string, zone: string): ReadonlySet<string> {
  const { hostname } = new URL(publicUrl);
  const below = hostname.endsWith(`.${zone}`) ? hostname.slice(0, -zone.length - 1) : "";
  return new Set(below.split(".").slice(-1));
}

/** Why no beacon may have this name, whether it is free or not. Pure. */
export function checkName(name: string, ownNames: ReadonlySet<string>): Problem | undefined {
  if (!reservedNames.has(name) && !ownNames.has(name)) return undefined;
  return new Problem("conflict", `the name ${name} is reserved`, { hint: "Choose another name." });
}

/**
 * What an order asks for on top of the core modules, each once. Pure.
 * @throws {Problem} `conflict` for a reserved name, `module_unknown`
 */
export function checkOrder(
  order: Order,
  modules: ReadonlyMap<string, ModuleFacts>,
  ownNames: ReadonlySet<string>,
): string[] {
  const reserved = checkName(order.beacon, ownNames);
  if (reserved !== undefined) throw reserved;
  const unknown = order.modules.filter((module) => !modules.has(module));
  if (unknown.length > 0) {
    const apps = [...modules.values()].filter(({ category }) => category !== "core").map(({ id }) => id);
    throw new Problem("module_unknown", `there is no module ${unknown.join(", ")}`, {
      hint: `Known are: ${apps.join(", ")}.`,
    });
  }
  return [...new Set(order.modules)].filter((module) => modules.get(module)?.category !== "core");
}
