import { firstWord, readOptions } from "../beacon-options.ts";
import type { CliCommand } from "../command.ts";
import { giveCommand, showPlan } from "../give-command.ts";

const words = "INSTANCE [--delete-data --confirm INSTANCE] [--plan]";

export const remove: CliCommand = {
  name: "remove",
  usage: words,
  summary: "remove an app; its data stays unless its deletion is confirmed by the name",
  run: async (terminal) => {
    const usage = `remove ${words}`;
    const options = {
      "delete-data": { type: "boolean" },
      confirm: { type: "string" },
      plan: { type: "boolean" },
    } as const;
    const { values, words: given, client } = readOptions(terminal, options, usage);
    const instance = firstWord(given, "instance", usage);
    const data = values["delete-data"] ? { data: "delete", confirm: values.confirm ?? "" } : {};
    const request = { name: "module.remove", input: { instance, ...data } };
    if (values.plan) return showPlan(client, terminal, request);
    await giveCommand(client, terminal, request);
    terminal.say(
      values["delete-data"] ? `${instance} and its data are gone.` : `${instance} is removed; its data is kept.`,
    );
  },
};
