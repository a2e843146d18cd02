/**
 * `npm run bench`: measures a beacon that the demo's order made, side by side with a peer in the same run, and prints a
 * table. The machine is noisy: only the ratios mean something.
 */
import { readFileSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { findAgent } from "#hub/providers/local/agent-process.ts";
import { localProvider } from "#hub/providers/local.ts";
import { Problem } from "#shared/problem.ts";
import { benchCaddy } from "#test/bench/caddy.ts";
import { benchFootprint } from "#test/bench/footprint.ts";
import { benchHub } from "#test/bench/hub.ts";
import { benchInstall } from "#test/bench/install.ts";
import { benchPlanner } from "#test/bench/planner.ts";
import { createRootClient } from "#test/bench/root-client.ts";
import { renderTable } from "#test/bench/table.ts";
import { benchUpdate } from "#test/bench/update.ts";
import { deliver } from "./demo/deliver.ts";
import { localSettings } from "./demo/hub-process.ts";
import { choosePlace } from "./demo/place.ts";
import { createStages } from "./demo/stage.ts";

const root = join(import.meta.dirname, "..");
const print = (line: string) => console.log(line);
const AgentConfig = z.object({ dataDirectory: z.string(), scope: z.string() });

const place = await choosePlace(root, "check");
const undos: (() => Promise<void>)[] = [];
try {
  const stages = createStages(print, Date.now);
  await deliver({ place, stages, print, onCleanUp: (undo) => undos.push(undo) });
  const settings = localSettings(root, place, undefined);
  const vps = await localProvider(settings).find({});
  const configFile = join(settings.root, vps?.id ?? "", "agent.json");
  const pid = await findAgent(configFile);
  if (pid === undefined) throw new Problem("internal", "the agent of the beacon does not run");
  const { dataDirectory, scope } = AgentConfig.parse(JSON.parse(readFileSync(configFile, "utf8")));
  const footprint = await stages.run("watched the agent and a bare process for a minute", () => benchFootprint(pid));
  const client = createRootClient(join(dataDirectory, "root.sock"));
  const install = await stages.run("installed an app, in turns with doing it by hand", () =>
    benchInstall(client, scope),
  );
  const routes = await stages.run("changed routes under load", benchCaddy);
  const updates = await stages.run("updated an app under load", benchUpdate);
  const fleet = await stages.run("reported as a fleet to a hub", () =>
    benchHub({ agents: 1000, everyMs: 10_000, seconds: 60, containers: 20 }),
  );
  const [cpu] = cpus();
  print(`\n${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpu?.model}, Node ${process.version}\n`);
  print(renderTable([...benchPlanner(), ...footprint, ...install, ...routes, ...updates, ...fleet]));
} finally {
  for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) await undo();
  rmSync(place.folder, { recursive: true, force: true });
}
