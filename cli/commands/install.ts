import { firstWord, readOptions } from "../beacon-options.ts";
import type { CliCommand } from "../command.ts";
import { giveCommand, showPlan } from "../give-command.ts";
import { readParameters } from "../parameters.ts";

const words = "MODULE [NAME] [-s SETTING=VALUE]… [--keep-failed] [--plan]";

export const install: CliCommand = {
  name: "install",
  usage: words,
  summary: "install a module, under a name of its own where there are several; --plan only shows the steps",
  run: async (terminal) => {
    const usage = `install ${words}`;
    const options = {
      set: { type: "string", short: "s", multiple: true },
      "keep-failed": { type: "boolean" },
      plan: { type: "boolean" },
    } as const;
    const { values, words: given, client } = readOptions(terminal, options, usage);
    const module = firstWord(given, "module", usage);
    const set = await readParameters(client, { module, pairs: values.set ?? [], usage });
    const parameters = Object.fromEntries(Object.entries(set).filter(([, value]) => value !== null));
    const input = {
      module,
      instance: given[1] ?? module,
      ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
      ...(values["keep-failed"] ? { onFailure: "keep" } : {}),
    };
    const request = { name: "module.install", input };
    if (values.plan) return showPlan(client, terminal, request);
    await giveCommand(client, terminal, request);
    terminal.say(`${input.instance} is installed.`);
  },
};
