import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { builtAgentCommand, ensureAgentBuilt } from "#scripts/build-agent.ts";
import { readProcessCost } from "#test/bench/process-cost.ts";
import { until } from "./docker/engine.ts";
import { type FakeHub, startFakeHub } from "./fake-hub.ts";

const SAMPLE_MS = 100;
/** Samples of ten seconds are told together: so many have a hundred rounds each, together more than half an hour's. */
const REPORTED = 2;

let directory: string;
let hub: FakeHub;
let agent: ChildProcess;

beforeEach(async () => {
  await ensureAgentBuilt({ log: () => undefined });
  directory = mkdtempSync(join(tmpdir(), "wopr-forks-"));
  hub = await startFakeHub();
  mkdirSync(join(directory, "modules"));
  writeFileSync(join(directory, "token"), hub.token);
  const config = {
    hub: hub.origin,
    dataDirectory: join(directory, "data"),
    enrolmentTokenFile: join(directory, "token"),
    // Nothing on this machine is this one's.
    scope: "test-forks",
    modulesDirectory: join(directory, "modules"),
    certificates: "internal",
    sampleMs: SAMPLE_MS,
  };
  writeFileSync(join(directory, "agent.json"), JSON.stringify(config));
  const [program = "", ...argv] = builtAgentCommand;
  agent = spawn(program, [...argv, "--config", join(directory, "agent.json")], { stdio: "ignore" });
});
afterEach(async () => {
  agent.kill("SIGKILL");
  await once(agent, "exit");
  await hub.stop();
  rmSync(directory, { recursive: true });
});

const samples = () =>
  hub.frames.flatMap((frame) =>
    frame.type === "metrics" || frame.type === "report" ? frame.samples.map(({ at }) => at) : [],
  );
const threadsOf = (pid: number) => readdirSync(`/proc/${pid}/task`).toSorted();

it("an agent that measures runs no program and starts no thread", async () => {
  const pid = agent.pid ?? 0;
  // With its first sample it asks the package manager, once, where there is one.
  await until(() => samples().length > 0);
  await until(async () => (await readProcessCost(pid)).children.length === 0);
  const before = await readProcessCost(pid);
  const threads = threadsOf(pid);
  const first = samples().length;
  const children = new Set<number>();
  await until(async () => {
    for (const child of (await readProcessCost(pid)).children) children.add(child);
    return samples().length >= first + REPORTED;
  });
  expect((await readProcessCost(pid)).childFaults - before.childFaults).toBe(0);
  expect([...children]).toEqual([]);
  expect(threadsOf(pid)).toEqual(threads);
}, 300_000);

it("is told by what the kernel counts for a process that runs one", async () => {
  const before = await readProcessCost(process.pid);
  await promisify(execFile)("/bin/true");
  expect((await readProcessCost(process.pid)).childFaults).toBeGreaterThan(before.childFaults);
});
