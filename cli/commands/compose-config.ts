import type { CliCommand } from "../command.ts";
import { composeOptions, composeUsage } from "../compose-options.ts";
import { loadProject } from "../compose-project.ts";

export const composeConfig: CliCommand = {
  name: "compose config",
  usage: composeUsage,
  summary: "print the project in normal form, as JSON",
  run: async (terminal) => {
    const { project } = loadProject(composeOptions(terminal), terminal);
    // A dollar sign is written as it would have to stand in a Compose file.
    terminal.print(`${JSON.stringify(project, null, 2).replaceAll("$", "$$$$")}\n`);
  },
};
