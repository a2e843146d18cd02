import type { Order } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import type { ModuleFacts } from "./module-facts.ts";
import { reservedNames } from "./reserved-names.ts";

/**
 * What an order asks for on top of the core modules, each once. Pure.
 * @throws {Problem} `conflict` for a reserved name, `module_unknown`
 */
export function checkOrder(order: Order, modules: ReadonlyMap<string, ModuleFacts>): string[] {
  if (reservedNames.has(order.beacon)) {
    throw new Problem("conflict", `the name ${order.beacon} is reserved`, { hint: "Choose another name." });
  }
  const unknown = order.modules.filter((module) => !modules.has(module));
  if (unknown.length > 0) {
    const apps = [...modules.values()].filter(({ category }) => category !== "core").map(({ id }) => id);
    throw new Problem("module_unknown", `there is no module ${unknown.join(", ")}`, {
      hint: `Known are: ${apps.join(", ")}.`,
    });
  }
  return [...new Set(order.modules)].filter((module) => modules.get(module)?.category !== "core");
}
