import type { Sample } from "#shared/metrics/sample.ts";
import { exposition, type MetricFamily, measuredFamilies, single } from "#shared/prometheus/exposition.ts";
import type { History } from "../ingest/history.ts";
import type { Ingest } from "../ingest/ingest.ts";
import type { RemoteWrite } from "../remote-write/remote-write.ts";
import type { BeaconStore } from "../store/beacons.ts";
import type { CommandStore } from "../store/commands.ts";
import type { RollupStore } from "../store/rollups.ts";
import type { Links } from "../ws/links.ts";

/** Older values say nothing about now. */
const FRESH_MS = 60_000;

export interface MetricsParts {
  readonly beacons: Pick<BeaconStore, "list">;
  readonly rollups: Pick<RollupStore, "newest">;
  readonly links: Pick<Links, "count" | "isOnline">;
  readonly commands: Pick<CommandStore, "countByState">;
  readonly ingest: Pick<Ingest, "counters">;
  readonly history: Pick<History, "counters">;
  readonly remoteWrite: Pick<RemoteWrite, "counters">;
  readonly now: () => number;
}

/**
 * The hub's own measurements, and of each beacon what belongs to the machine and its disks. Its apps are told by the beacon's own page
 * and by remote write: of a large fleet they would be millions of lines a scrape.
 */
export async function metricsPage(parts: MetricsParts): Promise<string> {
  return exposition([...(await hubFamilies(parts)), ...(await fleetFamilies(parts))]);
}

async function hubFamilies({ links, commands, ingest, history, remoteWrite }: MetricsParts): Promise<MetricFamily[]> {
  const states = Object.entries(await commands.countByState());
  const memory = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const outcomes = ({ repeated, refused }: Record<"repeated" | "refused", number>, stored: number) => [
    { labels: { outcome: "stored" }, value: stored },
    { labels: { outcome: "repeated" }, value: repeated },
    { labels: { outcome: "refused" }, value: refused },
  ];
  return [
    single("wopr_beacons_online", "gauge", "Beacons with a link to the hub", links.count()),
    {
      name: "wopr_commands",
      type: "gauge",
      help: "Commands by state",
      values: states.map(([state, value]) => ({ labels: { state }, value })),
    },
    {
      name: "wopr_samples_total",
      type: "counter",
      help: "Samples taken in since the start",
      values: outcomes(ingest.counters, ingest.counters.samples),
    },
    {
      name: "wopr_spans_total",
      type: "counter",
      help: "Spans that beacons filled in after they had no link, since the start",
      values: outcomes(history.counters, history.counters.spans),
    },
    {
      name: "wopr_remote_write_samples_total",
      type: "counter",
      help: "Samples given to the store of remote write since the start",
      values: [
        { labels: { outcome: "stored" }, value: remoteWrite.counters().sent },
        { labels: { outcome: "dropped" }, value: remoteWrite.counters().dropped },
      ],
    },
    single("process_resident_memory_bytes", "gauge", "Memory of this process", memory.rss),
    single("process_heap_bytes", "gauge", "Heap in use", memory.heapUsed),
    single("process_cpu_seconds_total", "counter", "CPU time of this process", (user + system) / 1e6),
    single("process_uptime_seconds", "gauge", "Since the start", Math.round(process.uptime())),
  ];
}

const isOfMachine = ([series]: [string, number]) => !series.includes("/") || series.startsWith("disk/");

async function fleetFamilies({ beacons, rollups, links, now }: MetricsParts): Promise<MetricFamily[]> {
  const online: MetricFamily["values"][number][] = [];
  const samples: { values: Sample["values"]; labels: Record<string, string> }[] = [];
  for (const { id, name } of await beacons.list()) {
    const labels = { beacon: id, beacon_name: name };
    online.push({ labels, value: links.isOnline(id) ? 1 : 0 });
    const newest = await rollups.newest(id);
    if (newest === undefined || now() - newest.at > FRESH_MS) continue;
    samples.push({ labels, values: Object.fromEntries(Object.entries(newest.values).filter(isOfMachine)) });
  }
  return [
    { name: "wopr_beacon_online", type: "gauge", help: "Whether the beacon has a link to the hub", values: online },
    ...measuredFamilies(samples),
  ];
}
