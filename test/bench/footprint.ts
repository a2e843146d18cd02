import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocketServer } from "ws";
import { type ProcessCost, readProcessCost } from "./process-cost.ts";
import type { Row } from "./table.ts";

/** How long both are watched. */
const WATCHED_MS = 60_000;

interface Footprint {
  readonly end: ProcessCost;
  /** CPU time while watched. */
  readonly cpuMs: number;
}

/**
 * Memory and CPU of a working agent, side by side with a bare Node process that holds one WebSocket.
 * @param agent Pid of an agent that is linked to its hub and has apps to watch.
 */
export async function benchFootprint(agent: number): Promise<Row[]> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const bare = spawn(process.execPath, [join(import.meta.dirname, "bare-client.mjs"), `ws://127.0.0.1:${port}`]);
  try {
    await once(server, "connection");
    const [ours, theirs] = await Promise.all([watch(agent), watch(bare.pid ?? 0)]);
    const mb = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
    const percent = (cpuMs: number) => `${((100 * cpuMs) / WATCHED_MS).toFixed(2)} % of a core`;
    const ratio = (a: number, b: number) => (b === 0 ? undefined : a / b);
    return [
      {
        what: "agent's resident memory",
        ours: mb(ours.end.residentBytes),
        peer: mb(theirs.end.residentBytes),
        ratio: ratio(ours.end.residentBytes, theirs.end.residentBytes),
      },
      {
        what: "agent's proportional memory",
        ours: mb(ours.end.proportionalBytes),
        peer: mb(theirs.end.proportionalBytes),
        ratio: ratio(ours.end.proportionalBytes, theirs.end.proportionalBytes),
      },
      { what: "agent's CPU", ours: percent(ours.cpuMs), peer: percent(theirs.cpuMs), ratio: undefined },
    ];
  } finally {
    bare.kill();
    for (const client of server.clients) client.terminate();
    server.close();
  }
}

async function watch(pid: number): Promise<Footprint> {
  const begin = await readProcessCost(pid);
  await sleep(WATCHED_MS);
  const end = await readProcessCost(pid);
  return { end, cpuMs: end.cpuMs - begin.cpuMs };
}
