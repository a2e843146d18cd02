import { z } from "zod";
import { type LifecycleChange, LifecycleJobView, type LifecycleRequest } from "#shared/api/lifecycle.ts";
import { TierId } from "#shared/catalog/catalog.ts";
import { pause } from "#shared/pause.ts";
import { Problem } from "#shared/problem.ts";
import type { BeaconClient } from "../beacon-client.ts";
import { firstWord, readOptions, wrongUsage } from "../beacon-options.ts";
import type { CliCommand, Terminal } from "../command.ts";
import { beaconNamed, hubClient } from "../hub-client.ts";
import { table } from "../table.ts";
import { moment } from "../words.ts";

const LOOK_MS = 1_000;
const Jobs = z.object({ jobs: z.array(LifecycleJobView) });

const read = (terminal: Terminal, usage: string) => {
  const options = {
    confirm: { type: "string" },
    "discard-data": { type: "boolean" },
    "no-wait": { type: "boolean" },
    hub: { type: "string" },
  } as const;
  const { values, words } = readOptions(terminal, options, usage);
  return { values, words, client: hubClient(terminal, values.hub) };
};

interface Given {
  /** What stands behind the name of the beacon. */
  readonly word: string | undefined;
  readonly confirm: string;
  readonly discardData: boolean;
  readonly usage: string;
}

/** Asks for a change, says how it goes on, and waits for its end. Whoever has enough of waiting leaves it to the hub. */
const change = (
  kind: LifecycleChange["change"],
  words: string,
  summary: string,
  requestOf: (given: Given) => LifecycleRequest,
): CliCommand => ({
  name: `hub ${kind}`,
  usage: `${words} [--no-wait]`,
  summary,
  run: async (terminal) => {
    const usage = `hub ${kind} ${words}`;
    const { values, words: given, client } = read(terminal, usage);
    const { id } = await beaconNamed(client, firstWord(given, "beacon", usage));
    const { confirm = "", "discard-data": discardData = false, "no-wait": isLeft = false } = values;
    const request = requestOf({ word: given[1], confirm, discardData, usage });
    const job = await client.post(`beacons/${id}/lifecycle`, request, LifecycleJobView);
    terminal.print(`${job.id}\n`);
    if (!isLeft) await follow(client, terminal, job);
  },
});

/** @throws {Problem} what it failed with */
async function follow(client: BeaconClient, { say, signal }: Terminal, job: LifecycleJobView): Promise<void> {
  let told = 0;
  let waiting: string | undefined;
  for (let seen = job; ; seen = await client.get(`lifecycle/${job.id}`, LifecycleJobView)) {
    for (const { message } of seen.events.slice(told)) say(message);
    told = seen.events.length;
    if (seen.waitingFor !== waiting && seen.waitingFor !== undefined) say(`… waits for ${seen.waitingFor}`);
    waiting = seen.waitingFor;
    if (seen.state === "failed" && seen.problem !== undefined) throw Problem.from(seen.problem);
    if (seen.state === "cancelled") throw new Problem("cancelled", "it was called off");
    if (seen.finishedAt !== undefined) return;
    await pause(LOOK_MS, signal);
    if (signal.aborted) {
      say(`It goes on. Call it off, while that is possible, with: wopr hub cancel ${job.id}`);
      return;
    }
  }
}

const intervene = (verb: "retry" | "cancel", summary: string): CliCommand => ({
  name: `hub ${verb}`,
  usage: "JOB [--no-wait]",
  summary,
  run: async (terminal) => {
    const usage = `hub ${verb} JOB`;
    const { values, words, client } = read(terminal, usage);
    const job = await client.post(`lifecycle/${firstWord(words, "job", usage)}/${verb}`, undefined, LifecycleJobView);
    if (values["no-wait"] === true) return;
    if (verb === "retry") await follow(client, terminal, job);
    else terminal.say(`It is being called off: see wopr hub jobs ${job.beaconName}`);
  },
});

const jobs: CliCommand = {
  name: "hub jobs",
  usage: "[NAME]",
  summary: "what is done, and was done, to beacons as a whole",
  run: async (terminal) => {
    const { words, client } = read(terminal, "hub jobs [NAME]");
    const [name] = words;
    const all = (await client.get("lifecycle", Jobs)).jobs;
    const wanted =
      name === undefined ? all : all.filter(({ beacon, beaconName }) => [beacon, beaconName].includes(name));
    if (wanted.length === 0) {
      terminal.say("Nothing yet.");
      return;
    }
    const rows = wanted.map(({ id, beaconName, change: { change: kind }, state, createdAt, waitingFor, problem }) => {
      const why = problem?.message ?? (waitingFor === undefined ? "" : `waits for ${waitingFor}`);
      return [moment(createdAt), beaconName, kind, state, id, why];
    });
    terminal.print(table(["SINCE", "BEACON", "CHANGE", "STATE", "JOB", ""], rows));
  },
};

const tierOf = (word: string | undefined, usage: string) => {
  const tier = TierId.safeParse(word?.toLowerCase());
  if (tier.success) return tier.data;
  throw wrongUsage("name the tier: t1, t2 or t3", usage);
};

/** What the operator of a hub does to beacons as a whole. */
export const hubLifecycleCommands: readonly CliCommand[] = [
  change("suspend", "NAME", "stop the apps of a beacon and keep them stopped; nothing is lost", () => ({
    change: "suspend",
  })),
  change("resume", "NAME", "start what ran when the beacon was suspended", () => ({ change: "resume" })),
  change("resize", "NAME TIER", "give a beacon the server of another tier", ({ word, usage }) => ({
    change: "resize",
    tier: tierOf(word, usage),
  })),
  change(
    "rebuild",
    "NAME --discard-data --confirm NAME",
    "a new server with the same apps, without their data",
    ({ discardData, confirm, usage }) => {
      if (!discardData) throw wrongUsage("all data on the server is lost: say so with --discard-data", usage);
      return { change: "rebuild", discardData, confirm };
    },
  ),
  change("transfer", "NAME EMAIL --confirm NAME", "give a beacon to another owner", ({ word, confirm, usage }) => {
    if (word === undefined) throw wrongUsage("name the address of the new owner", usage);
    return { change: "transfer", email: word, confirm };
  }),
  change(
    "delete",
    "NAME --confirm NAME",
    "remove a beacon: its subscription, names, server, disk and data",
    ({ confirm }) => ({ change: "delete", confirm }),
  ),
  jobs,
  intervene("retry", "take a failed change of a beacon up again"),
  intervene("cancel", "call a change of a beacon off, while that is possible"),
];
