import { type CommandView, endedStates } from "#shared/api/beacon.ts";
import { Problem } from "#shared/problem.ts";
import type { Beacon } from "../../store/beacons.ts";
import type { Job } from "../../store/jobs.ts";
import { beaconOf } from "../beacon-of.ts";
import { installIdOf } from "../derived-ids.ts";
import { backoffMs, pauseMs } from "../pause.ts";
import type { Outcome, State, StateContext } from "../state.ts";

/** Every beacon has these before any app: apps are reached through the first and may use the others. */
export const coreModules = ["caddy", "postgresql", "redis"] as const;

/** How often a module is tried in one round of the job, when its problem may pass by itself. */
const TRIES = 4;

/** Has the agent install the core modules, and when they are there the apps that were ordered. */
export const deployingWopr = {
  state: "DEPLOYING_WOPR",
  title: "Installing the apps",
  attempts: 8,
  run: async (context, job) => {
    const beacon = await beaconOf(context, job);
    const core: readonly string[] = coreModules;
    const apps = [...new Set(job.purchase.modules)].filter((module) => !core.includes(module));
    for (const modules of [core, apps]) {
      const outcome = together(await installAll(context, job, { modules, beacon }));
      if (outcome !== undefined) return outcome;
    }
    return { next: `Installed: ${[...core, ...apps].join(", ")}.` };
  },
} satisfies State;

interface Installation {
  readonly module: string;
  readonly beacon: Beacon;
  /** Every command ever sent for it, oldest first. */
  readonly tries: readonly Try[];
  /** When anything was last heard of any module installed with it: an agent does only some at a time. */
  readonly heardAt: number;
}

interface Group {
  readonly modules: readonly string[];
  readonly beacon: Beacon;
}

async function installAll(context: StateContext, job: Job, { modules, beacon }: Group): Promise<Look[]> {
  const all: { module: string; tries: Try[] }[] = [];
  for (const module of modules) all.push({ module, tries: await triesOf(context, job, module) });
  const heardAt = Math.max(
    job.enteredAt,
    ...all.flatMap(({ tries }) => tries.map(({ command }) => lastHeardAt(command))),
  );
  const looks: Look[] = [];
  for (const one of all) looks.push(await install(context, job, { ...one, beacon, heardAt }));
  return looks;
}

const lastHeardAt = ({ createdAt, acceptedAt, startedAt, finishedAt, progress }: CommandView) =>
  Math.max(createdAt, acceptedAt ?? 0, startedAt ?? 0, finishedAt ?? 0, progress?.at ?? 0);

/** What one look at the installation of one module showed. */
type Look =
  | "done"
  | { readonly fail: Problem }
  /** `doing` names the module and says how far it is. */
  | { readonly doing: string; readonly ms: number; readonly sent?: string };

/** Fails only when nothing is under way any more, so that a retry meets a beacon at rest. */
function together(looks: readonly Look[]): Outcome | undefined {
  const open = looks.filter((look) => look !== "done");
  const waits = open.filter((look) => "doing" in look);
  const failure = open.find((look) => "fail" in look);
  if (waits.length === 0) return failure;
  const sent = waits.flatMap((look) => look.sent ?? []);
  return {
    wait: `the installation of ${waits.map(({ doing }) => doing).join(", ")}`,
    ms: Math.min(...waits.map(({ ms }) => ms)),
    note: sent.length === 0 ? undefined : `Being installed: ${sent.join(", ")}.`,
  };
}

async function install(context: StateContext, job: Job, installation: Installation): Promise<Look> {
  const { dispatch, now } = context;
  const { module, beacon, tries, heardAt } = installation;
  if (tries.some(({ command }) => command.state === "done")) return "done";
  const open = tries.find(({ command }) => !endedStates.includes(command.state));
  if (open !== undefined) return waitFor(context, job, { module, command: open.command, heardAt });
  const failed = tries.filter(({ round }) => round === job.round);
  const last = failed.at(-1)?.command;
  if (last !== undefined) {
    const problem = problemOf(last);
    if (failed.length >= TRIES || !problem.retryable) return { fail: named(module, problem) };
    const retryAt = (last.finishedAt ?? last.createdAt) + backoffMs(failed.length - 1);
    if (retryAt > now()) return { doing: `${module}, to be tried again: ${problem.message}`, ms: retryAt - now() };
  }
  const id = installIdOf(job.id, module, { round: job.round, nth: failed.length });
  await dispatch.send({ beacon: beacon.id, name: "module.install", input: { module }, actor: "provisioning", id });
  return { doing: module, ms: pauseMs(now(), now()), sent: module };
}

interface Try {
  readonly round: number;
  readonly command: CommandView;
}

async function triesOf({ dispatch }: StateContext, job: Job, module: string): Promise<Try[]> {
  const tries: Try[] = [];
  for (let round = 0; round <= job.round; round++) {
    for (let nth = 0; nth < TRIES; nth++) {
      const command = await dispatch.get(installIdOf(job.id, module, { round, nth }));
      if (command === undefined) break;
      tries.push({ round, command });
    }
  }
  return tries;
}

interface Awaited {
  readonly module: string;
  readonly command: CommandView;
  readonly heardAt: number;
}

function waitFor({ links, now, silenceMs }: StateContext, job: Job, { module, command, heardAt }: Awaited): Look {
  const { progress } = command;
  if (now() - heardAt > silenceMs) return { fail: silent(module, job, links.isOnline(job.beacon ?? "")) };
  const step = progress === undefined ? "" : ` (${progress.title}, ${progress.step} of ${progress.steps})`;
  return { doing: module + step, ms: pauseMs(command.createdAt, now()) };
}

/** An ended command that is not done has a problem; one that expired on its way has none of its own. */
const problemOf = ({ state, problem }: CommandView) =>
  problem === undefined
    ? new Problem(state === "cancelled" ? "cancelled" : "agent_offline", `the command ended as ${state}`)
    : Problem.from(problem);

const named = (module: string, { code, message, hint, details }: Problem) =>
  new Problem(code, `${module} was not installed: ${message}`, { hint, details: { ...details, module } });

const silent = (module: string, { purchase }: Job, online: boolean) =>
  new Problem("timed_out", `nothing was heard of the installation of ${module} on ${purchase.beaconName} any more`, {
    hint: online
      ? "The agent is connected: look at its log on the beacon, then retry."
      : "The agent is not connected: see that the server and the agent on it run, then retry.",
    details: { module },
  });
