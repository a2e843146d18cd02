import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "#shared/problem.ts";

/** How long an agent may take to end in peace. */
const STOP_MS = 10_000;
const LOOK_MS = 50;

/**
 * Pid of the agent that runs with this configuration file. A pid file could name a stranger after a reboot, and is
 * missing when the hub died right after the start; the arguments in `/proc/<pid>/cmdline` (proc_pid_cmdline(5)) say
 * who it is.
 */
export async function findAgent(config: string): Promise<number | undefined> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  const index = lines.findIndex((line) => line.split("\0").includes(config));
  return index === -1 ? undefined : Number(pids[index]);
}

/** Starts the agent, unless it runs: in a session of its own and with its output in a file, so that it outlives the hub. */
export async function startAgent({
  command,
  folder,
  config,
}: {
  readonly command: readonly string[];
  readonly folder: string;
  readonly config: string;
}): Promise<void> {
  if ((await findAgent(config)) !== undefined) return;
  const [program, ...argv] = command;
  if (program === undefined) throw new Problem("provider_refused", "the setting agentCommand names no program");
  const log = await open(join(folder, "agent.log"), "a", 0o600);
  try {
    const child = spawn(program, [...argv, "--config", config], {
      cwd: folder,
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
      env: inherited(),
    });
    await once(child, "spawn");
    child.unref();
  } catch (cause) {
    throw new Problem("provider_refused", `the agent cannot be started with ${program}`, { cause });
  } finally {
    await log.close();
  }
}

/** Ends the agent: asks, and after ten seconds insists. Does nothing when it does not run. */
export async function stopAgent(config: string): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    const pid = await findAgent(config);
    if (pid === undefined) return;
    send(pid, signal);
    for (const deadline = Date.now() + STOP_MS; Date.now() < deadline; await sleep(LOOK_MS)) {
      if ((await findAgent(config)) === undefined) return;
    }
  }
  throw new Problem("provider_unavailable", `the agent of ${config} does not end`);
}

function send(pid: number, signal: "SIGTERM" | "SIGKILL") {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended by itself since we looked.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** The hub's environment holds secrets of the hub: an agent gets only what a program needs to run. */
function inherited(): NodeJS.ProcessEnv {
  const names = ["PATH", "HOME", "LANG", "TZ", "TMPDIR", "NODE_EXTRA_CA_CERTS"];
  return Object.fromEntries(names.map((name) => [name, process.env[name]]).filter(([, value]) => value !== undefined));
}
