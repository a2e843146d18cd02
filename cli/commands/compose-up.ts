import type { CliCommand } from "../command.ts";
import { upCommand } from "../compose-commands.ts";
import { openEngine } from "../compose-engine.ts";
import { composeOptions, composeUsage } from "../compose-options.ts";
import { loadProject } from "../compose-project.ts";

export const composeUp: CliCommand = {
  name: "compose up",
  usage: composeUsage,
  summary: "bring the project up and wait until it is healthy",
  run: async (terminal) => {
    const options = composeOptions(terminal);
    const loaded = loadProject(options, terminal);
    const engine = openEngine(loaded.project.name, options, terminal);
    try {
      await engine.run(await upCommand(loaded, { engine, say: terminal.say, look: "newest" }));
      terminal.say(`${loaded.project.name} is up.`);
    } finally {
      engine.close();
    }
  },
};
