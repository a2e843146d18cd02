import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { type Peer, plainEnvironment, startBareNode, startNetdata, startNodeExporter } from "./peers.ts";
import { type ProcessCost, readProcessCost } from "./process-cost.ts";
import { median, type Row } from "./table.ts";
import { startWorkingAgent } from "./working-agent.ts";

const RHYTHM_MS = 10_000;
/** How long the agent is watched before anybody looks at it. */
const UNSEEN_MS = 60_000;
/** How long all are watched, beside each other. */
const WATCHED_MS = 180_000;
const BARE = "a bare Node with one WebSocket";
/** How long the engine is watched once the agent is gone. */
const ALONE_MS = 60_000;

/** Memory, CPU and forks of an agent with twenty containers, in one run beside what others cost that measure a machine or hold a link. */
export async function benchFootprint(): Promise<Row[]> {
  const agent = await startWorkingAgent({ sampleMs: RHYTHM_MS, env: plainEnvironment() });
  const peers: Peer[] = [];
  try {
    const bare = await startBareNode();
    peers.push(bare);
    const unseen = await watch([agent.pid, bare.pid], UNSEEN_MS);
    const { peakBytes } = await readProcessCost(agent.pid);
    await agent.openDashboard();
    const exporter = await startNodeExporter(RHYTHM_MS);
    if (exporter !== undefined) peers.push(exporter);
    const netdata = await startNetdata();
    if (netdata !== undefined) peers.push(netdata);
    const engine = await enginePids();
    const pids = [agent.pid, ...peers.map(({ pid }) => pid), ...engine];
    const watched = await watch(pids, WATCHED_MS);
    const [ours, plain] = [of(watched, agent.pid), of(watched, bare.pid)];
    const rows: Row[] = [
      memoryRow("agent's resident memory, 20 containers", of(unseen, agent.pid), of(unseen, bare.pid), BARE),
      memoryRow("the same after its dashboard was opened", ours, plain, BARE),
      { what: "the most while it pulled and installed them", ours: mb(peakBytes), peer: "", ratio: undefined },
      cpuRow("agent's CPU", ours, plain, BARE),
    ];
    if (netdata !== undefined) {
      const theirs = of(watched, netdata.pid);
      rows.push(memoryRow("agent's resident memory", ours, theirs, "netdata, without its plugins"));
      rows.push(cpuRow("agent's CPU", ours, theirs, "netdata, without its plugins"));
    }
    if (exporter !== undefined) {
      rows.push(cpuRow("agent's CPU", ours, of(watched, exporter.pid), "prometheus-node-exporter"));
    }
    rows.push({
      what: "programs that the agent ran",
      ours: ours.children === 0 && ours.childFaults === 0 ? "0" : `some, ${ours.childFaults} page faults of theirs`,
      peer: "",
      ratio: undefined,
    });
    await agent.stop();
    const alone = await watch(engine, ALONE_MS);
    const cpu = (all: ReadonlyMap<number, Watched>) => engine.reduce((sum, pid) => sum + of(all, pid).cpuPercent, 0);
    rows.push({
      what: "Docker Engine's CPU, with the agent",
      ours: percent(cpu(watched)),
      peer: `${percent(cpu(alone))} without it`,
      ratio: ratio(cpu(watched), cpu(alone)),
    });
    return rows;
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
    await agent.end();
  }
}

interface Watched {
  /** Middle of what was seen. */
  readonly residentBytes: number;
  readonly anonymousBytes: number;
  /** Of one core. */
  readonly cpuPercent: number;
  readonly childFaults: number;
  /** The most that were seen at once. */
  readonly children: number;
}

/** Looks once in each rhythm. */
async function watch(pids: readonly number[], forMs: number): Promise<Map<number, Watched>> {
  const looks: Map<number, ProcessCost>[] = [];
  const look = async () => {
    const costs = await Promise.all(pids.map(readProcessCost));
    looks.push(
      new Map(pids.flatMap((pid, place) => costs.slice(place, place + 1).map((cost) => [pid, cost] as const))),
    );
  };
  const began = performance.now();
  await look();
  while (performance.now() - began < forMs) {
    await sleep(RHYTHM_MS);
    await look();
  }
  const tookMs = performance.now() - began;
  return new Map(
    pids.map((pid) => {
      const seen = looks.flatMap((costs) => costs.get(pid) ?? []);
      const grown = (key: "cpuMs" | "childFaults") => (seen.at(-1)?.[key] ?? 0) - (seen[0]?.[key] ?? 0);
      return [
        pid,
        {
          residentBytes: median(seen.map((cost) => cost.residentBytes)),
          anonymousBytes: median(seen.map((cost) => cost.anonymousBytes)),
          cpuPercent: (100 * grown("cpuMs")) / tookMs,
          childFaults: grown("childFaults"),
          children: Math.max(...seen.map((cost) => cost.children.length)),
        },
      ];
    }),
  );
}

function of(watched: ReadonlyMap<number, Watched>, pid: number): Watched {
  const found = watched.get(pid);
  if (found === undefined) throw new Error(`process ${pid} was not watched`);
  return found;
}

async function enginePids(): Promise<number[]> {
  const { stdout } = await promisify(execFile)("pgrep", ["-x", "dockerd|containerd"]);
  return stdout.trim().split("\n").map(Number);
}

const mb = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
const memory = ({ residentBytes, anonymousBytes }: Watched) =>
  `${mb(residentBytes)} (${mb(anonymousBytes)} of it anonymous)`;
const percent = (of: number) => `${of.toFixed(2)} % of a core`;
const ratio = (a: number, b: number) => (b === 0 ? undefined : a / b);

const memoryRow = (what: string, ours: Watched, theirs: Watched, who: string): Row => ({
  what,
  ours: memory(ours),
  peer: `${memory(theirs)}, ${who}`,
  ratio: ratio(ours.residentBytes, theirs.residentBytes),
});

const cpuRow = (what: string, ours: Watched, theirs: Watched, who: string): Row => ({
  what,
  ours: percent(ours.cpuPercent),
  peer: `${percent(theirs.cpuPercent)}, ${who}`,
  ratio: ratio(ours.cpuPercent, theirs.cpuPercent),
});
