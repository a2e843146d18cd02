import { instanceNameOf } from "#shared/compose/instance.ts";
import type { CliCommand } from "../command.ts";
import { downCommand } from "../compose-commands.ts";
import { openEngine } from "../compose-engine.ts";
import { composeOptions, composeUsage } from "../compose-options.ts";
import { loadProject } from "../compose-project.ts";

export const composeDown: CliCommand = {
  name: "compose down",
  usage: `${composeUsage} [--volumes]`,
  summary: "remove its containers and networks, and with --volumes its data",
  run: async (terminal) => {
    const options = composeOptions(terminal);
    const { name } = loadProject(options, terminal).project;
    const engine = openEngine(name, options, terminal);
    try {
      await engine.run(downCommand(name, options.volumes));
      engine.forgetSecrets(instanceNameOf(name));
      terminal.say(`${name} is down.`);
    } finally {
      engine.close();
    }
  },
};
