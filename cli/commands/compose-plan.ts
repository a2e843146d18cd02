import { stepTitle } from "#shared/steps.ts";
import type { CliCommand } from "../command.ts";
import { upCommand } from "../compose-commands.ts";
import { openEngine } from "../compose-engine.ts";
import { composeOptions, composeUsage } from "../compose-options.ts";
import { loadProject } from "../compose-project.ts";

export const composePlan: CliCommand = {
  name: "compose plan",
  usage: composeUsage,
  summary: "print the steps that up would take now",
  run: async (terminal) => {
    const options = composeOptions(terminal);
    const loaded = loadProject(options, terminal);
    const engine = openEngine(loaded.project.name, options, terminal);
    try {
      const command = await upCommand(loaded, { engine, say: terminal.say, look: "as-is" });
      const steps = command.plan(await engine.observe());
      terminal.print(steps.length === 0 ? "Nothing to do.\n" : steps.map((step) => `${stepTitle(step)}\n`).join(""));
    } finally {
      engine.close();
    }
  },
};
