import { z } from "zod";
import { BeaconOverview, ModuleSummary } from "#shared/api/beacon.ts";
import { readOptions } from "../beacon-options.ts";
import type { CliCommand } from "../command.ts";
import { table } from "../table.ts";

const usage = "modules [--all]";
const List = z.object({ modules: z.array(ModuleSummary) });

export const modules: CliCommand = {
  name: "modules",
  usage: "[--all]",
  summary: "list what is installed on this beacon, and with --all what can be",
  run: async (terminal) => {
    const { values, client } = readOptions(terminal, { all: { type: "boolean" } }, usage);
    const instances = (await client.get("overview", BeaconOverview)).inventory?.instances ?? [];
    const rows = instances.map(({ name, module, version, availableVersion, state, urls }) => [
      name,
      module,
      availableVersion === undefined ? version : `${version} (${availableVersion} available)`,
      state,
      urls[0] ?? "",
    ]);
    terminal.print(table(["INSTANCE", "MODULE", "VERSION", "STATE", "ADDRESS"], rows));
    if (!values.all) return;
    const known = (await client.get("modules", List)).modules.filter(({ core }) => !core);
    const offered = known.map(({ id, version, summary }) => [id, version, summary]);
    terminal.print(`\n${table(["MODULE", "VERSION", "WHAT IT IS"], offered)}`);
  },
};
