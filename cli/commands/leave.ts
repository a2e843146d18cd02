import { HubLink } from "#shared/api/beacon.ts";
import { readOptions } from "../beacon-options.ts";
import type { CliCommand } from "../command.ts";

const words = "--confirm NAME";

export const leave: CliCommand = {
  name: "leave",
  usage: words,
  summary: "detach this beacon from its hub for good; everything on it goes on",
  run: async (terminal) => {
    const { values, client } = readOptions(terminal, { confirm: { type: "string" } }, `leave ${words}`);
    await client.post("leave", { confirm: values.confirm ?? "" }, HubLink);
    terminal.say("This beacon is its owner's alone now. The hub can command it no more, and forgets it.");
    terminal.say("Apps, addresses and certificates go on. Sign in to the dashboard with: wopr login-link");
  },
};
