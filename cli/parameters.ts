import { z } from "zod";
import { ModuleSummary } from "#shared/api/beacon.ts";
import { Problem } from "#shared/problem.ts";
import type { BeaconClient } from "./beacon-client.ts";
import { wrongUsage } from "./beacon-options.ts";

const List = z.object({ modules: z.array(ModuleSummary) });
const Properties = z.record(z.string(), z.object({ type: z.string() })).catch({});

/**
 * Settings as they stand on a command line, `name=value`, in the types that the module asks for. An empty value is the
 * default.
 * @throws {Problem} `invalid_input` for what is no pair, `module_unknown`
 */
export async function readParameters(
  client: BeaconClient,
  { module, pairs, usage }: { module: string; pairs: readonly string[]; usage: string },
): Promise<Record<string, unknown>> {
  const known = (await client.get("modules", List)).modules.find(({ id }) => id === module);
  if (known === undefined) {
    throw new Problem("module_unknown", `this beacon does not know a module ${module}`, {
      hint: "wopr modules --all lists what it knows.",
    });
  }
  const properties = Properties.parse(known.parameters.properties);
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, text = ""] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
      if (name === undefined) throw wrongUsage(`${pair} is not a setting: expected name=value`, usage);
      return [name, text === "" ? null : typed(text, properties[name]?.type)];
    }),
  );
}

/** What does not fit its type stays text: the beacon says what it expected. */
function typed(text: string, type: string | undefined): unknown {
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  if ((type === "integer" || type === "number") && text.trim() !== "" && !Number.isNaN(Number(text)))
    return Number(text);
  return text;
}
