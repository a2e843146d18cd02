import { z } from "zod";
import { CommandDetail, CommandView, type LedgerLine } from "#shared/api/beacon.ts";
import { LedgerAudit } from "#shared/ledger/difference.ts";
import type { BeaconClient } from "../beacon-client.ts";
import { readOptions } from "../beacon-options.ts";
import type { CliCommand, Terminal } from "../command.ts";
import { beaconNamed, hubClient } from "../hub-client.ts";
import { table } from "../table.ts";

const words = "[BEACON [--hub SOCKET]]";
const SHOWN = 100;

const Commands = z.object({ commands: z.array(CommandView) });

export const audit: CliCommand = {
  name: "audit",
  usage: words,
  summary:
    "on a hub: compare its ledger of commands with that of a beacon, and end with 1 when they differ; on a beacon: print its own",
  run: async (terminal) => {
    const { values, words: given, client } = readOptions(terminal, { hub: { type: "string" } }, `audit ${words}`);
    const [name] = given;
    if (name === undefined) return printOwn(client, terminal);
    await compare(hubClient(terminal, values.hub), terminal, name);
  },
};

async function compare(hub: BeaconClient, { print, endWith }: Terminal, wanted: string): Promise<void> {
  const beacon = await beaconNamed(hub, wanted);
  const { onHub, onBeacon, local, clockAheadMs, differences } = await hub.get(
    `beacons/${beacon.id}/audit`,
    LedgerAudit,
  );
  print(
    `${beacon.name}: ${onHub} commands on the hub, ${onBeacon} on the beacon, ${local} of them given there; ` +
      `its clock is ${Math.abs(clockAheadMs)} ms ${clockAheadMs < 0 ? "behind" : "ahead"}.\n`,
  );
  if (differences.length === 0) {
    print("The ledgers agree: every command ended the same on both, and none was done twice.\n");
    return;
  }
  const rows = differences.map(({ command, name, kind, hub: ours, beacon: theirs }) => [
    command,
    name,
    ours,
    theirs,
    kind,
  ]);
  print(`\n${table(["COMMAND", "WHAT", "HUB", "BEACON", "DIFFERENCE"], rows)}\n`);
  for (const [kind, [one]] of Map.groupBy(differences, (difference) => difference.kind)) {
    if (one !== undefined) print(`${kind}: ${one.meaning}\n  ${one.advice}\n`);
  }
  endWith(1);
}

/** The newest commands of this beacon, each with its life. */
async function printOwn(client: BeaconClient, { print }: Terminal): Promise<void> {
  const { commands } = await client.get(`commands?limit=${SHOWN}`, Commands);
  const lives = await Promise.all(commands.map(({ id }) => client.get(`commands/${id}`, CommandDetail)));
  const rows = lives.flatMap(({ id, name, history }) => history.map((line) => [id, name, ...cellsOf(line)]));
  print(table(["COMMAND", "WHAT", "WHEN", "STATE", "BY", "WHY"], rows));
}

const cellsOf = ({ at, state, actor, why = "" }: LedgerLine) => [new Date(at).toISOString(), state, actor, why];
