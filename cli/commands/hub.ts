import { z } from "zod";
import { NewEnrolmentToken } from "#shared/api/hub.ts";
import { firstWord, readOptions } from "../beacon-options.ts";
import type { CliCommand, Terminal } from "../command.ts";
import { beaconNamed, hubClient } from "../hub-client.ts";

const Key = z.object({ key: z.string() });

/** Of the hub that this machine is, over the socket that only its user and root can open. */
const read = (terminal: Terminal, usage: string) => {
  const options = { confirm: { type: "string" }, hub: { type: "string" } } as const;
  const { values, words } = readOptions(terminal, options, usage);
  return { confirm: values.confirm, words, client: hubClient(terminal, values.hub) };
};

const revokeWords = "NAME --confirm NAME";
const revoke: CliCommand = {
  name: "hub revoke",
  usage: revokeWords,
  summary: "shut the agent of a beacon out; what runs on the beacon goes on",
  run: async (terminal) => {
    const { confirm = "", words, client } = read(terminal, `hub revoke ${revokeWords}`);
    const { id, name } = await beaconNamed(client, firstWord(words, "beacon", `hub revoke ${revokeWords}`));
    await client.post(`beacons/${id}/revoke`, { confirm }, z.unknown());
    terminal.say(`The agent of ${name} is shut out. Another one gets in with: wopr hub enrol ${name}`);
  },
};

const enrol: CliCommand = {
  name: "hub enrol",
  usage: "NAME",
  summary: "make a one-time token with which another agent becomes a beacon's",
  run: async (terminal) => {
    const { words, client } = read(terminal, "hub enrol NAME");
    const { id } = await beaconNamed(client, firstWord(words, "beacon", "hub enrol NAME"));
    const { token, expiresAt } = await client.post(`beacons/${id}/enrolment`, undefined, NewEnrolmentToken);
    terminal.say(`It works once, until ${new Date(expiresAt).toLocaleTimeString()}, and is shown only now.`);
    terminal.say("Write it into the agent's enrolmentTokenFile on the server, and start the agent again:");
    terminal.print(`${token}\n`);
  },
};

const rotate = (what: "keys" | "token-keys", name: string, summary: string): CliCommand => ({
  name,
  usage: "",
  summary,
  run: async (terminal) => {
    const { client } = read(terminal, name);
    const { key } = await client.post(`${what}/rotate`, undefined, Key);
    terminal.say(`${key} signs from now on.`);
  },
});

/** What the operator of a hub does on its machine. */
export const hubCommands: readonly CliCommand[] = [
  revoke,
  enrol,
  rotate("keys", "hub rotate-key", "have another key sign what beacons do"),
  rotate("token-keys", "hub rotate-token-key", "have another key sign the tokens with which people reach beacons"),
];
