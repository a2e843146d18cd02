import { BeaconEvent, BeaconOverview } from "#shared/api/beacon.ts";
import { usageIn } from "#shared/metrics/usage.ts";
import { Problem } from "#shared/problem.ts";
import { readOptions } from "../beacon-options.ts";
import type { CliCommand } from "../command.ts";
import { followBeacon } from "../follow-beacon.ts";
import { CLEAR } from "../on-screen.ts";
import { table } from "../table.ts";
import { usageRow } from "../usage-row.ts";

const words = "[INSTANCE]";
const head = ["CONTAINER", "CPU", "MEMORY", "OF", "RECEIVED", "SENT", "READ", "WRITTEN"];

export const stats: CliCommand = {
  name: "stats",
  usage: words,
  summary: "show what the containers use: each second on a terminal, else once",
  run: async (terminal) => {
    const { words: given, client } = readOptions(terminal, {}, `stats ${words}`);
    const [instance] = given;
    if (instance !== undefined) assertRuns(await client.get("overview", BeaconOverview), instance);
    const isLive = terminal.streams.output.isTTY === true;
    const listening = new AbortController();
    const signal = AbortSignal.any([terminal.signal, listening.signal]);
    try {
      for await (const { event, data } of followBeacon(client, signal)) {
        if (event !== "live") continue;
        const { values } = BeaconEvent.live.parse(JSON.parse(data));
        const usages = usageIn(values).filter((usage) => instance === undefined || usage.instance === instance);
        // Rates are between two looks: the first has none, and nothing of what has just been started.
        if (usages.every(({ cpuPercent }) => cpuPercent === undefined)) continue;
        terminal.print(`${isLive ? CLEAR : ""}${table(head, usages.map(usageRow))}`);
        if (!isLive) return;
      }
    } finally {
      listening.abort();
    }
  },
};

/** @throws {Problem} `not_found`, `conflict` */
function assertRuns({ inventory }: BeaconOverview, instance: string): void {
  const known = inventory?.instances.find(({ name }) => name === instance);
  if (known === undefined) {
    throw new Problem("not_found", `there is no instance ${instance} on this beacon`, { hint: "See: wopr modules" });
  }
  if (known.services.some(({ state }) => state === "running")) return;
  throw new Problem("conflict", `nothing of ${instance} runs`, { hint: `Start it: wopr start ${instance}` });
}
