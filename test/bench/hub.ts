import { execFile, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { z } from "zod";
import { createBeaconStore } from "#hub/store/beacons.ts";
import { openDatabase } from "#hub/store/database.ts";
import { migrate } from "#hub/store/migrate.ts";
import { startHub } from "#scripts/demo/hub-process.ts";
import { setUpOperator } from "#scripts/demo/order.ts";
import { choosePlace } from "#scripts/demo/place.ts";
import { CommandView } from "#shared/api/beacon.ts";
import { rawPublicKey } from "#shared/protocol/signing.ts";
import { readProcessCost } from "./process-cost.ts";
import { type Row, renderTable } from "./table.ts";

const root = join(import.meta.dirname, "../..");

export interface Fleet {
  readonly agents: number;
  readonly everyMs: number;
  readonly seconds: number;
  readonly containers: number;
}

const Linked = z.object({ linked: z.number() });
const Ended = z.object({ sent: z.number(), acknowledged: z.number(), reconnects: z.number() });

/**
 * A hub on one core with a fleet of simulated agents that report at their rhythm from another one, while commands that do nothing
 * go out one after the other.
 */
export async function benchHub({ agents, everyMs, seconds, containers }: Fleet): Promise<Row[]> {
  const place = await choosePlace(root, "check");
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const beacons = Array.from({ length: agents }, (_beacon, index) => `bcn_${String(index).padStart(12, "0")}`);
  const databaseFile = join(place.folder, "hub", "hub.sqlite");
  const hub = await startHub(root, place, undefined);
  try {
    const client = await setUpOperator(hub, place);
    await hub.stop();
    await insert(databaseFile, beacons, rawPublicKey(publicKey));
    const running = await startHub(root, place, undefined);
    const { pid } = running;
    await pin(pid, 0);
    const settings = {
      origin: hub.url,
      privateKey: privateKey.export({ type: "pkcs8", format: "pem" }),
      beacons,
      everyMs,
      containers,
    };
    const fleet = spawn(process.execPath, [join(import.meta.dirname, "fleet-process.ts"), JSON.stringify(settings)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await pin(fleet.pid ?? 0, 1);
    const lines = createInterface({ input: fleet.stdout })[Symbol.asyncIterator]();
    const next = async () => JSON.parse((await lines.next()).value ?? "null");
    const linkingAt = performance.now();
    Linked.parse(await next());
    const linkedAfterS = (performance.now() - linkingAt) / 1000;
    await sleep(everyMs);

    const before = await readProcessCost(pid);
    const startedAt = performance.now();
    const trips: number[] = [];
    while (performance.now() - startedAt < seconds * 1000) {
      const beacon = beacons[trips.length % beacons.length];
      const sentAt = performance.now();
      const path = `/api/beacons/${beacon}/commands`;
      const command = { name: "module.restart", input: { instance: "none" } };
      let view = await client.post(path, command, CommandView);
      while (view.state !== "done") view = await client.get(`${path}/${view.id}`, CommandView);
      trips.push(performance.now() - sentAt);
      await sleep(100);
    }
    const after = await readProcessCost(pid);
    const wallMs = performance.now() - startedAt;
    fleet.kill("SIGTERM");
    const { sent, acknowledged, reconnects } = Ended.parse(await next());
    await once(fleet, "exit");
    const storeBytes = statSync(databaseFile).size;
    await running.stop();

    const percentile = (share: number) =>
      trips.toSorted((a, b) => a - b)[Math.floor(trips.length * share)] ?? Number.NaN;
    const row = (what: string, ours: string, peer: string, ratio?: number): Row => ({ what, ours, peer, ratio });
    const name = `${agents} agents, a report of ${45 + 6 * containers} series each ${everyMs / 1000} s`;
    const share = (after.cpuMs - before.cpuMs) / wallMs;
    return [
      row(`hub: ${name}: lost`, `${sent - acknowledged} of ${sent}; ${reconnects} reconnects`, "none"),
      row("hub: of one core", `${(100 * share).toFixed(1)} %`, "30 %", share / 0.3),
      row(
        "hub: memory",
        `${(after.residentBytes / 2 ** 20).toFixed(0)} MB`,
        "500 MB",
        after.residentBytes / 2 ** 20 / 500,
      ),
      row(
        "hub: a command that does nothing, there and back",
        `${percentile(0.5).toFixed(0)} ms, p99 ${percentile(0.99).toFixed(0)} ms`,
        "p99 250 ms",
        percentile(0.99) / 250,
      ),
      row("hub: all agents linked after its start", `${linkedAfterS.toFixed(1)} s`, "60 s", linkedAfterS / 60),
      row("hub: store", `${(storeBytes / 2 ** 20).toFixed(0)} MB after ${seconds} s`, "", undefined),
    ];
  } finally {
    await hub.stop();
    rmSync(place.folder, { recursive: true, force: true });
  }
}

/** Keeps a process with all its threads on one core: taskset(1) of util-linux. */
const pin = (pid: number, core: number) => promisify(execFile)("taskset", ["-acp", String(core), String(pid)]);

async function insert(file: string, beacons: readonly string[], publicKey: string): Promise<void> {
  const db = openDatabase(file);
  await migrate(db);
  const store = createBeaconStore(db, Date.now);
  for (const id of beacons) {
    await store.insert({
      id,
      name: id.slice(4),
      domain: `${id}.localhost`,
      email: "a@example.org",
      provider: "local",
      createdAt: 0,
    });
    await store.update(id, { publicKey, enrolledAt: 1 });
  }
  await db.destroy();
}

if (import.meta.main) {
  const [agents = "1000", seconds = "60"] = process.argv.slice(2);
  const fleet = { agents: Number(agents), everyMs: 10_000, seconds: Number(seconds), containers: 20 };
  console.log(renderTable(await benchHub(fleet)));
}
