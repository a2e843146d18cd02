import { LoginLink } from "#shared/api/beacon.ts";
import { readOptions } from "../beacon-options.ts";
import type { CliCommand } from "../command.ts";

export const loginLink: CliCommand = {
  name: "login-link",
  usage: "",
  summary: "make a link that signs the owner in to this beacon's dashboard once, without any hub",
  run: async (terminal) => {
    const { client } = readOptions(terminal, {}, "login-link");
    const { url, expiresAt } = await client.post("login-links", undefined, LoginLink);
    terminal.say(`It works once, until ${new Date(expiresAt).toLocaleTimeString()}:`);
    terminal.print(`${url}\n`);
  },
};
