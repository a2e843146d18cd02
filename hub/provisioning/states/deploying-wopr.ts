import { type CommandView, endedStates } from "#shared/api/beacon.ts";
import { Problem } from "#shared/problem.ts";
import type { Beacon } from "../../store/beacons.ts";
import type { Job } from "../../store/jobs.ts";
import { beaconOf } from "../beacon-of.ts";
import { installIdOf } from "../derived-ids.ts";
import { backoffMs, pauseMs } from "../pause.ts";
import type { Outcome, State, StateContext } from "../state.ts";

/** Every beacon has these, in this order: apps are reached through the first and may use the others. */
export const coreModules = ["caddy", "postgresql", "redis"] as const;

/** How often a module is tried in one round of the job, when its problem may pass by itself. */
const TRIES = 4;

/** Has the agent install the core modules and then the apps that were ordered, one after the other. */
export const deployingWopr = {
  state: "DEPLOYING_WOPR",
  title: "Installing the apps",
  attempts: 8,
  run: async (context, job) => {
    const beacon = await beaconOf(context, job);
    const modules = [...new Set<string>([...coreModules, ...job.purchase.modules])];
    for (const module of modules) {
      const outcome = await install(context, job, { module, beacon });
      if (outcome !== "done") return outcome;
    }
    return { next: `Installed: ${modules.join(", ")}.` };
  },
} satisfies State;

interface Installation {
  readonly module: string;
  readonly beacon: Beacon;
}

async function install(context: StateContext, job: Job, { module, beacon }: Installation): Promise<Outcome | "done"> {
  const { dispatch, now } = context;
  const tries = await triesOf(context, job, module);
  if (tries.some(({ command }) => command.state === "done")) return "done";
  const open = tries.find(({ command }) => !endedStates.includes(command.state));
  if (open !== undefined) return waitFor(context, job, { module, command: open.command });
  const failed = tries.filter(({ round }) => round === job.round);
  const last = failed.at(-1)?.command;
  if (last !== undefined) {
    const problem = problemOf(last);
    if (failed.length >= TRIES || !problem.retryable) return { fail: named(module, problem) };
    const retryAt = (last.finishedAt ?? last.createdAt) + backoffMs(failed.length - 1);
    if (retryAt > now()) return { wait: `${module} to be tried again: ${problem.message}`, ms: retryAt - now() };
  }
  const id = installIdOf(job.id, module, { round: job.round, nth: failed.length });
  await dispatch.send({ beacon: beacon.id, name: "module.install", input: { module }, actor: "provisioning", id });
  return { wait: `${module} to be installed`, ms: pauseMs(now(), now()), note: `${module} is being installed.` };
}

/** Every command ever sent to install this module for this job, oldest first. */
async function triesOf({ dispatch }: StateContext, job: Job, module: string) {
  const tries: { readonly round: number; readonly command: CommandView }[] = [];
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
}

function waitFor({ links, now, silenceMs }: StateContext, job: Job, { module, command }: Awaited): Outcome {
  const { progress } = command;
  const heardAt = Math.max(job.enteredAt, command.createdAt, command.startedAt ?? 0, progress?.at ?? 0);
  if (now() - heardAt > silenceMs) return { fail: silent(module, job, links.isOnline(job.beacon ?? "")) };
  const doing = progress === undefined ? "" : `: ${progress.title} (${progress.step} of ${progress.steps})`;
  return { wait: `${module} to be installed${doing}`, ms: pauseMs(command.createdAt, now()) };
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
