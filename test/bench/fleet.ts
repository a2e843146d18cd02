import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { FleetCounts, type FleetSettings } from "./fleet-settings.ts";

/** Simulated agents in a process of their own, on the second core. */
export interface SimulatedFleet {
  /** Settles when all of them were welcomed. */
  readonly linked: Promise<FleetCounts>;
  counts(): Promise<FleetCounts>;
  /** Takes no more samples. */
  pause(): Promise<FleetCounts>;
  /** Each has ended the command that it had begun, and the hub does not know. */
  did(): Promise<FleetCounts>;
  stop(): Promise<void>;
}

export async function startFleet(settings: FleetSettings): Promise<SimulatedFleet> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "fleet-process.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  // Ten thousand names are more than an argument may have.
  child.stdin.write(`${JSON.stringify(settings)}\n`);
  await pin(child, FLEET_CORE);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => FleetCounts.parse(JSON.parse((await lines.next()).value ?? "null"));
  const linked = next();
  let turn: Promise<unknown> = linked;
  const tell = (line: string): Promise<FleetCounts> => {
    const told = turn.then(() => {
      child.stdin.write(`${line}\n`);
      return next();
    });
    turn = told;
    return told;
  };
  return {
    linked,
    counts: () => tell("counts"),
    pause: () => tell("pause"),
    did: () => tell("did"),
    stop: async () => {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

export const HUB_CORE = 0;
export const FLEET_CORE = 1;

/** Keeps a process with all its threads on one core: taskset(1) of util-linux. */
export const pin = ({ pid }: Pick<ChildProcess, "pid">, core: number) =>
  promisify(execFile)("taskset", ["-acp", String(core), String(pid)]);
