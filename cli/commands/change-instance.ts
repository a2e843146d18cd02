import { firstWord, readOptions } from "../beacon-options.ts";
import type { CliCommand } from "../command.ts";
import { giveCommand, showPlan } from "../give-command.ts";

interface Change {
  readonly name: string;
  readonly summary: string;
  /** Of the API. */
  readonly command: string;
  /** Said when it is done. */
  readonly done: string;
}

/** A command that needs to know the instance alone. */
const changeInstance = ({ name, summary, command, done }: Change): CliCommand => {
  const words = "INSTANCE [--plan]";
  return {
    name,
    usage: words,
    summary,
    run: async (terminal) => {
      const usage = `${name} ${words}`;
      const { values, words: given, client } = readOptions(terminal, { plan: { type: "boolean" } }, usage);
      const instance = firstWord(given, "instance", usage);
      const request = { name: command, input: { instance } };
      if (values.plan) return showPlan(client, terminal, request);
      await giveCommand(client, terminal, request);
      terminal.say(`${instance} ${done}.`);
    },
  };
};

export const changes: readonly CliCommand[] = [
  {
    ...{ name: "start", command: "module.start", done: "runs" },
    summary: "start a stopped app",
  },
  {
    ...{ name: "stop", command: "module.stop", done: "is stopped" },
    summary: "stop an app, and keep it stopped",
  },
  {
    ...{ name: "restart", command: "module.restart", done: "was restarted" },
    summary: "restart an app",
  },
  {
    ...{ name: "update", command: "module.update", done: "is at the version of this beacon" },
    summary: "bring an app to the version that the beacon has to offer",
  },
  {
    ...{ name: "rotate-secrets", command: "module.rotate-secrets", done: "has new passwords" },
    summary: "make the passwords anew that the beacon made for an app",
  },
].map(changeInstance);
