import { BeaconOverview } from "#shared/api/beacon.ts";
import { Problem } from "#shared/problem.ts";
import { firstWord, readOptions, wrongUsage } from "../beacon-options.ts";
import type { CliCommand } from "../command.ts";
import { giveCommand, showPlan } from "../give-command.ts";
import { readParameters } from "../parameters.ts";

const words = "INSTANCE SETTING=VALUE… [--plan]";

export const configure: CliCommand = {
  name: "configure",
  usage: words,
  summary: "change settings of an app; an empty value goes back to the default",
  run: async (terminal) => {
    const usage = `configure ${words}`;
    const { values, words: given, client } = readOptions(terminal, { plan: { type: "boolean" } }, usage);
    const instance = firstWord(given, "instance", usage);
    const pairs = given.slice(1);
    if (pairs.length === 0) throw wrongUsage("name a setting", usage);
    const { inventory } = await client.get("overview", BeaconOverview);
    const module = inventory?.instances.find(({ name }) => name === instance)?.module;
    if (module === undefined) throw new Problem("not_found", `there is no instance ${instance} on this beacon`);
    const parameters = await readParameters(client, { module, pairs, usage });
    const request = { name: "module.configure", input: { instance, parameters } };
    if (values.plan) return showPlan(client, terminal, request);
    await giveCommand(client, terminal, request);
    terminal.say(`${instance} has these settings.`);
  },
};
