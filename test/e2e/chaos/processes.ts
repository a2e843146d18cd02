import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { SeededRandom } from "./random.ts";
import type { ChaosSettings } from "./settings.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
/** Packages in CommonJS ask for it, which a module does not have. */
const banner = 'import { createRequire } from "node:module";const require = createRequire(import.meta.url);';

/** One file each: they start in a fraction of the time. @returns a folder inside of the checkout, where packages are found */
export async function bundleProcesses(outdir: string): Promise<void> {
  await build({
    entryPoints: [join(here, "agent-process.ts"), join(here, "hub-process.ts")],
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    external: ["better-sqlite3"],
    banner: { js: banner },
    logLevel: "warning",
  });
}

/** A process that is killed, and started again, as often as one likes. */
export interface Mortal {
  readonly start: () => Promise<void>;
  /** Kills it so many times, at random instants: some while it starts, most while it works. */
  readonly killOften: (times: number, random: SeededRandom) => Promise<void>;
  readonly kill: () => Promise<void>;
  /** Whether it is the process that was started last, and alive. */
  readonly isAlive: () => boolean;
  /** Sets its clock. */
  readonly jump: (offsetMs: number) => void;
  /** Stops it where it is, and has it go on. */
  readonly freeze: (ms: number) => Promise<void>;
}

export interface MortalOptions {
  /** The bundled file. */
  readonly program: string;
  readonly settings: ChaosSettings;
  readonly logFile: string;
  /** How long it works before it is killed, at most. */
  readonly workMs: number;
}

export function createMortal({ program, settings, logFile, workMs }: MortalOptions): Mortal {
  let child: ChildProcess | undefined;
  let offsetMs = settings.offsetMs;
  let startupMs = 300;

  const spawn = () => {
    const log = openSync(logFile, "a");
    child = fork(program, [JSON.stringify({ ...settings, offsetMs })], { stdio: ["ignore", log, log, "ipc"] });
    return child;
  };
  const isUp = async (started: ChildProcess) => {
    const at = performance.now();
    const [word] = await Promise.race([
      once(started, "message"),
      once(started, "exit").then(([code]) => [`exit ${code}`]),
    ]);
    if (word !== "up") throw new Error(`${program} did not start: ${word}; see ${logFile}`);
    startupMs = performance.now() - at;
  };
  const kill = async () => {
    const dying = child;
    child = undefined;
    if (dying === undefined || dying.exitCode !== null || dying.signalCode !== null) return;
    const gone = once(dying, "exit");
    dying.kill("SIGKILL");
    await gone;
  };

  return {
    kill,
    isAlive: () => child !== undefined && child.exitCode === null && child.signalCode === null,
    start: () => isUp(spawn()),
    killOften: async (times, random) => {
      for (let killed = 0; killed < times; killed++) {
        await kill();
        const started = spawn();
        if (random.isOneIn(5)) await sleep(random.between(0, Math.round(startupMs)));
        else {
          await isUp(started);
          await sleep(random.between(0, workMs));
        }
      }
      await kill();
      await isUp(spawn());
    },
    jump: (ms) => {
      offsetMs = ms;
      if (child?.connected) child.send({ offsetMs: ms }, () => undefined);
    },
    freeze: async (ms) => {
      const frozen = child;
      frozen?.kill("SIGSTOP");
      await sleep(ms);
      frozen?.kill("SIGCONT");
    },
  };
}
