import { HubLink } from "#shared/api/beacon.ts";
import { readOptions } from "../beacon-options.ts";
import type { CliCommand } from "../command.ts";

export const rotateKey: CliCommand = {
  name: "rotate-key",
  usage: "",
  summary: "give this beacon's agent a new key",
  run: async (terminal) => {
    const { client } = readOptions(terminal, {}, "rotate-key");
    const { state } = await client.post("key/rotate", undefined, HubLink);
    terminal.say(
      state === "linked" ? "The agent changes its key now." : "The agent changes its key when the hub is there again.",
    );
  },
};
