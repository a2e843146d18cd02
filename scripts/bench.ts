/**
 * `npm run bench`: measures side by side with a peer in the same run, and prints a table. The machine is noisy: only the
 * ratios mean something. Arguments choose what is measured: `npm run bench -- planner idle`; the hub's may be followed by how many agents
 * for how many seconds: `npm run bench -- hub 1000 60`.
 */
import { readFileSync, rmSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { localProvider } from "#hub/providers/local.ts";
import { Problem } from "#shared/problem.ts";
import { benchCaddy } from "#test/bench/caddy.ts";
import { benchEndurance } from "#test/bench/endurance.ts";
import { benchFleetPage } from "#test/bench/fleet-page.ts";
import { benchFootprint } from "#test/bench/footprint.ts";
import { benchHub } from "#test/bench/hub.ts";
import { benchIdle } from "#test/bench/idle.ts";
import { benchInstall } from "#test/bench/install.ts";
import { benchInstallOfFive } from "#test/bench/install-of-five.ts";
import { benchMemory } from "#test/bench/memory.ts";
import { benchPlanner } from "#test/bench/planner.ts";
import { benchPurchases } from "#test/bench/purchases.ts";
import { createRootClient } from "#test/bench/root-client.ts";
import { type Row, renderTable } from "#test/bench/table.ts";
import { benchUpdate } from "#test/bench/update.ts";
import { deliver } from "./demo/deliver.ts";
import { localSettings } from "./demo/hub-process.ts";
import { choosePlace } from "./demo/place.ts";
import { createStages } from "./demo/stage.ts";

const root = join(import.meta.dirname, "..");
const print = (line: string) => console.log(line);
const stages = createStages(print, Date.now);
const AgentConfig = z.object({ dataDirectory: z.string(), scope: z.string() });

/** Numbers among the arguments, in order: of the hub's bench how many agents for how many seconds. */
const numbers = process.argv
  .slice(2)
  .filter((argument) => /^\d+$/.test(argument))
  .map(Number);
const numberOr = (usual: number) => numbers.shift() ?? usual;

/** What needs nothing but this machine. */
const alone: Readonly<Record<string, () => Promise<Row[]> | Row[]>> = {
  planner: benchPlanner,
  idle: benchIdle,
  memory: benchMemory,
  "install-of-five": benchInstallOfFive,
  footprint: benchFootprint,
  endurance: benchEndurance,
  caddy: benchCaddy,
  update: benchUpdate,
  "fleet-page": benchFleetPage,
  purchases: benchPurchases,
  hub: () => benchHub({ agents: numberOr(10_000), everyMs: 10_000, seconds: numberOr(600), containers: 20 }),
};

interface Beacon {
  readonly dataDirectory: string;
  readonly scope: string;
}

/** What is measured on a beacon that the demo's order made. */
const onBeacon: Readonly<Record<string, (beacon: Beacon) => Promise<Row[]>>> = {
  install: ({ dataDirectory, scope }) => benchInstall(createRootClient(join(dataDirectory, "root.sock")), scope),
};

/** Has the demo's order make a beacon, and removes it at the end. */
async function withBeacon<Result>(work: (beacon: Beacon) => Promise<Result>): Promise<Result> {
  const place = await choosePlace(root, "check");
  const undos: (() => Promise<void>)[] = [];
  try {
    await deliver({ place, stages, print, onCleanUp: (undo) => undos.push(undo) });
    const settings = localSettings(root, place, undefined);
    const vps = await localProvider(settings).find({});
    const configFile = join(settings.root, vps?.id ?? "", "agent.json");
    return await work(AgentConfig.parse(JSON.parse(readFileSync(configFile, "utf8"))));
  } finally {
    for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) await undo();
    rmSync(place.folder, { recursive: true, force: true });
  }
}

const known = [...Object.keys(alone), ...Object.keys(onBeacon)];
const named = process.argv.slice(2).filter((argument) => !/^\d+$/.test(argument));
const chosen = named.length > 0 ? named : known;
const unknown = chosen.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  throw new Problem("invalid_input", `there is no bench ${unknown.join(", ")}`, {
    hint: `There are ${known.join(", ")}.`,
  });
}

const rows: Row[] = [];
for (const [name, bench] of Object.entries(alone)) {
  if (chosen.includes(name)) rows.push(...(await stages.run(`measured ${name}`, async () => bench())));
}
if (Object.keys(onBeacon).some((name) => chosen.includes(name))) {
  await withBeacon(async (beacon) => {
    for (const [name, bench] of Object.entries(onBeacon)) {
      if (chosen.includes(name)) rows.push(...(await stages.run(`measured ${name}`, () => bench(beacon))));
    }
  });
}
const [cpu] = cpus();
const load = loadavg().map((value) => value.toFixed(1));
print(
  `\n${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpu?.model}, Node ${process.version}, load ${load}\n`,
);
print(renderTable(rows));
