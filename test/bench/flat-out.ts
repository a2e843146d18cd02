import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { HUB_CORE, pin, startFleet } from "./fleet.ts";
import type { FleetSettings } from "./fleet-settings.ts";
import type { HubBed } from "./hub-bed.ts";
import { readProcessCost } from "./process-cost.ts";
import type { Row } from "./table.ts";

/** Agents that report as fast as they can: enough that one always waits. */
export const FLAT_AGENTS = 2000;
const WARM_UP_MS = 5_000;
const MEASURED_MS = 10_000;

interface Pace {
  readonly perSecond: number;
  /** CPU time of the one who takes them in, in milliseconds each. */
  readonly cpuMs: number;
}

export interface FlatOut {
  readonly containers: number;
  /** Beacons that have not reported anything yet: a clock that runs so fast has to begin long ago. */
  readonly fresh: readonly string[];
  /** Beacons of which the hub has newer samples, which is what those look like that come late. */
  readonly known: readonly string[];
}

/** As many reports as a hub takes, beside what a bare loop takes of the same ones. */
export async function benchFlatOut(bed: HubBed, { containers, fresh, known }: FlatOut): Promise<Row[]> {
  const fleetOf = (beacons: readonly string[]) => ({
    ...bed.fleet,
    ...{ beacons: [...beacons], everyMs: 10_000, containers, flat: true },
  });
  const ours = async (beacons: readonly string[]) => {
    const { pid } = await bed.start();
    const pace = await paceOf(pid, fleetOf(beacons));
    await bed.hub().stop();
    return pace;
  };
  const paces = [await ours(fresh), await ours(known)] as const;
  const bare = await paceOfBareHub(`${bed.databaseFile}.bare`, fleetOf(fresh));
  const tell = ({ perSecond, cpuMs }: Pace) => `${perSecond.toFixed(0)} a second, ${cpuMs.toFixed(3)} ms of CPU each`;
  const row = (what: string, pace: Pace): Row => ({
    what: `hub: flat out, ${what}: the ratio is of a third of a bare loop`,
    ours: tell(pace),
    peer: tell(bare),
    ratio: bare.perSecond / 3 / pace.perSecond,
  });
  return [
    row(`${fresh.length} agents`, paces[0]),
    row(`${known.length} agents that tell of a time before what the hub has of them`, paces[1]),
  ];
}

async function paceOf(pid: number, settings: FleetSettings): Promise<Pace> {
  const fleet = await startFleet(settings);
  try {
    await fleet.linked;
    await sleep(WARM_UP_MS);
    const [before, costBefore, startedAt] = [await fleet.counts(), await readProcessCost(pid), performance.now()];
    await sleep(MEASURED_MS);
    const [after, costAfter, endedAt] = [await fleet.counts(), await readProcessCost(pid), performance.now()];
    const count = after.acknowledged - before.acknowledged;
    return {
      perSecond: (1000 * count) / (endedAt - startedAt),
      cpuMs: (costAfter.cpuMs - costBefore.cpuMs) / count,
    };
  } finally {
    await fleet.stop();
  }
}

async function paceOfBareHub(file: string, settings: FleetSettings): Promise<Pace> {
  const bare = spawn(process.execPath, [join(import.meta.dirname, "bare-hub.ts"), file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await pin(bare, HUB_CORE);
    const lines = createInterface({ input: bare.stdout })[Symbol.asyncIterator]();
    const { port } = z.object({ port: z.number() }).parse(JSON.parse((await lines.next()).value ?? "null"));
    return await paceOf(bare.pid ?? 0, { ...settings, port });
  } finally {
    const ended = once(bare, "exit");
    bare.kill("SIGKILL");
    await ended;
  }
}
