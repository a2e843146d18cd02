import { setTimeout as sleep } from "node:timers/promises";
import { plainEnvironment } from "./peers.ts";
import { readProcessCost } from "./process-cost.ts";
import { median, type Row } from "./table.ts";
import { startWorkingAgent, type WorkingAgent } from "./working-agent.ts";

/** A hundred times the usual: an hour of measuring is 36 seconds. */
const SAMPLE_MS = 100;
const WARM_UP = 3;
const ROUNDS = 8;
/** How long the agent is left alone before it is looked at: its garbage collector waits for a pause. */
const PAUSE_MS = 20_000;

/**
 * Whether memory grows with what an agent does: in each round it measures for hours, installs, restarts and removes an app, shows logs, runs
 * programs, is looked at, and loses its hub.
 */
export async function benchEndurance(): Promise<Row[]> {
  const agent = await startWorkingAgent({ sampleMs: SAMPLE_MS, env: plainEnvironment() });
  try {
    const bytes: number[] = [];
    for (let round = 0; round < WARM_UP + ROUNDS; round++) {
      await live(agent, round);
      bytes.push(await rest(agent.pid));
    }
    const [before, after] = [median(bytes.slice(WARM_UP - 1, WARM_UP + 2)), median(bytes.slice(-3))];
    const mb = (value: number) => `${(value / 2 ** 20).toFixed(1)} MB`;
    return [
      {
        what: `agent's memory after ${ROUNDS} more rounds of all that it does`,
        ours: `${mb(after)}, anonymous`,
        peer: `${mb(before)} before them (each: ${bytes.map(mb).join(", ")})`,
        ratio: after / before,
      },
    ];
  } finally {
    await agent.end();
  }
}

async function live(agent: WorkingAgent, round: number): Promise<void> {
  const instance = `round-${round}`;
  await agent.command("module.install", { module: "app", instance });
  await agent.openDashboard(2_000);
  await Promise.all([
    agent.visit({ path: `/api/logs/${instance}?follow=true`, forMs: 2_000 }),
    agent.visit({ path: "/api/logs/postgresql?tail=500" }),
  ]);
  const program = { instance, service: "service-0", command: ["head", "-c", "10000", "/dev/zero"] };
  for (let time = 0; time < 5; time++) await agent.visit({ path: "/api/exec", body: program });
  await agent.command("module.restart", { instance, after: Date.now() });
  await agent.command("module.remove", { instance, data: "delete", confirm: instance });
  const links = agent.hub.closed.length;
  agent.hub.drop();
  await agent.hub.welcomed(links + 2);
}

async function rest(pid: number): Promise<number> {
  const seen: number[] = [];
  for (let look = 0; look < 5; look++) {
    await sleep(PAUSE_MS / 5);
    seen.push((await readProcessCost(pid)).anonymousBytes);
  }
  return median(seen.slice(-3));
}
