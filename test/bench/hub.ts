import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "#hub/store/database.ts";
import { createRollupStore } from "#hub/store/rollups.ts";
import { decodeSamples } from "#hub/store/sample-codec.ts";
import { resolutions } from "#shared/metrics/rollup.ts";
import { benchFlatOut, FLAT_AGENTS } from "./flat-out.ts";
import { startFleet } from "./fleet.ts";
import { measureFlushes } from "./flushes.ts";
import { countDone, type HubBed, makeHubBed } from "./hub-bed.ts";
import { readProcessCost, watchResident } from "./process-cost.ts";
import { measureRoundTrips, percentile } from "./round-trips.ts";
import { seriesNames } from "./simulated-beacon.ts";
import { storePerMonth } from "./store-size.ts";
import { type Row, renderTable } from "./table.ts";

export interface Load {
  readonly agents: number;
  readonly everyMs: number;
  readonly seconds: number;
  readonly containers: number;
}

const MB = 2 ** 20;
const LOOK_EVERY_MS = 5_000;
const CORE_AIM = 0.3;
const MEMORY_AIM_MB = 500;
const TRIP_AIM_MS = 250;
const HERD_AIM_S = 60;

/**
 * A hub on one core with a fleet of simulated agents that report at their rhythm from another one, while commands that do nothing go
 * out; then all of them lose it with a result each that it does not know; then as many reports as it can take, beside a bare loop.
 */
export async function benchHub(load: Load): Promise<Row[]> {
  const bed = await makeHubBed(load.agents + FLAT_AGENTS);
  const [known, fresh] = [bed.beacons.slice(0, load.agents), bed.beacons.slice(load.agents)];
  try {
    const rhythm = await benchRhythm({ ...bed, fleet: { ...bed.fleet, beacons: known } }, load);
    const { containers } = load;
    return [...rhythm, ...(await benchFlatOut(bed, { containers, fresh, known: known.slice(0, FLAT_AGENTS) }))];
  } finally {
    await bed.remove();
  }
}

async function benchRhythm(bed: HubBed, { agents, everyMs, seconds, containers }: Load): Promise<Row[]> {
  const { pid } = await bed.start();
  const fleet = await startFleet({ ...bed.fleet, everyMs, containers, flat: false });
  try {
    await fleet.linked;
    await sleep(2 * everyMs);

    const before = await readProcessCost(pid);
    const startedAt = performance.now();
    const watching = new AbortController();
    const flushed = measureFlushes(`${bed.databaseFile}.flushes`, watching.signal);
    const watched = watchResident(pid, LOOK_EVERY_MS, watching.signal);
    const trips = await measureRoundTrips(bed.client, bed.beacons, seconds * 1000);
    watching.abort();
    const [flushes, resident] = await Promise.all([flushed, watched]);
    const most = Math.max(...resident);
    const after = await readProcessCost(pid);
    const share = (after.cpuMs - before.cpuMs) / (performance.now() - startedAt);

    const herd = await benchHerd(bed, fleet, agents);
    await fleet.pause();
    const counts = await until(fleet.counts, ({ sent, acknowledged }) => sent === acknowledged, 30_000);
    await bed.hub().stop();
    const { stored, bytes } = await bed.withDatabase(async (db) => ({
      stored: await countSamples(db),
      bytes: await storePerMonth(db),
    }));

    const name = `${agents} agents, a report of ${seriesNames(containers).length} series each ${everyMs / 1000} s for ${seconds} s`;
    return [
      row(`hub: ${name}: lost`, `${counts.sent - stored} of ${counts.sent}`, "none"),
      row("hub: of one core", `${(100 * share).toFixed(1)} %`, "30 %", share / CORE_AIM),
      row(
        "hub: memory",
        `${(percentile(resident, 0.5) / MB).toFixed(0)} MB, at most ${(most / MB).toFixed(0)} MB`,
        "500 MB",
        most / MB / MEMORY_AIM_MB,
      ),
      row(
        `hub: a command that does nothing, there and back, of ${trips.length}`,
        `${percentile(trips, 0.5).toFixed(0)} ms, p99 ${percentile(trips, 0.99).toFixed(0)} ms`,
        "p99 250 ms",
        percentile(trips, 0.99) / TRIP_AIM_MS,
      ),
      row(
        `the disk meanwhile: 4 KiB by another process, of ${flushes.length}`,
        `${percentile(flushes, 0.5).toFixed(0)} ms, p99 ${percentile(flushes, 0.99).toFixed(0)} ms`,
        "",
      ),
      ...herd,
      row("hub: store, a beacon and month", `${(bytes / MB).toFixed(1)} MB`, ""),
    ];
  } finally {
    await fleet.stop();
    await bed.hub().stop();
  }
}

/** The hub dies; each agent has ended a command meanwhile; the hub comes back at once. */
async function benchHerd(bed: HubBed, fleet: Awaited<ReturnType<typeof startFleet>>, agents: number): Promise<Row[]> {
  await bed.hub().kill();
  const before = await fleet.did();
  const { pid } = await bed.start();
  const backAt = performance.now();
  const seconds = () => (performance.now() - backAt) / 1000;
  let linkedAfterS = Number.NaN;
  const after = await until(
    fleet.counts,
    ({ linked, results }) => {
      if (linked === agents && Number.isNaN(linkedAfterS)) linkedAfterS = seconds();
      return linked === agents && results - before.results >= agents;
    },
    180_000,
  );
  const settledAfterS = seconds();
  const { cpuMs } = await readProcessCost(pid);
  const done = await bed.withDatabase((db) => countDone(db));
  return [
    row(
      `hub: ${agents} agents come back at once after it was killed, each with a result`,
      `linked after ${linkedAfterS.toFixed(1)} s, all results after ${settledAfterS.toFixed(1)} s; ${(cpuMs / 1000).toFixed(1)} s of CPU`,
      `${HERD_AIM_S} s`,
      settledAfterS / HERD_AIM_S,
    ),
    row("hub: results lost, told to come again", `${agents - done}, ${after.refused - before.refused}`, "none"),
  ];
}

/** As a hub reads them that is started again. */
async function countSamples(db: Database): Promise<number> {
  const rollups = createRollupStore(db);
  await rollups.flush();
  const rows = await db.selectFrom("rollup").select("span").where("step_ms", "=", resolutions[0].stepMs).execute();
  return rows.reduce((sum, { span }) => sum + decodeSamples(span).length, 0);
}

async function until<Value>(look: () => Promise<Value>, fits: (value: Value) => boolean, ms: number): Promise<Value> {
  const endsAt = performance.now() + ms;
  for (;;) {
    const value = await look();
    if (fits(value) || performance.now() > endsAt) return value;
    await sleep(100);
  }
}

const row = (what: string, ours: string, peer: string, ratio?: number): Row => ({ what, ours, peer, ratio });

if (import.meta.main) {
  const [agents = "1000", seconds = "60"] = process.argv.slice(2);
  console.log(
    renderTable(await benchHub({ agents: Number(agents), everyMs: 10_000, seconds: Number(seconds), containers: 20 })),
  );
}
