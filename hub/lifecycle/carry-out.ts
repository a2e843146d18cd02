import { type CommandView, endedStates } from "#shared/api/beacon.ts";
import type { CommandName } from "#shared/command-registry.ts";
import { Problem } from "#shared/problem.ts";
import { installIdOf } from "../provisioning/derived-ids.ts";
import { backoffMs, pauseMs } from "../provisioning/pause.ts";
import type { Beacon } from "../store/beacons.ts";
import type { LifecycleJob } from "../store/lifecycle-jobs.ts";
import { beaconOf } from "./beacon-of.ts";
import type { LifecycleContext, Outcome } from "./change.ts";

/** How often a command is given in one round of the job, when its problem may pass by itself. */
const TRIES = 4;

export interface Errand {
  /** Tells the errands of one job apart. */
  readonly key: string;
  readonly name: CommandName;
  readonly input: Record<string, unknown>;
  /** In words for the job's history, once it is done. */
  readonly done: string;
}

/**
 * Has the beacon do something, and waits until it has, however long it is away. The command has an id that comes from the job, so that
 * it is given once, whoever is killed in between; one that failed is never given again under its old id.
 */
export async function carryOut(context: LifecycleContext, job: LifecycleJob, errand: Errand): Promise<Outcome> {
  const beacon = await beaconOf(context, job);
  const { dispatch, now } = context;
  const given = await givenFor(context, job, errand.key);
  if (given.some(({ command }) => command.state === "done")) return { next: errand.done };
  const open = given.find(({ command }) => !endedStates.includes(command.state));
  if (open !== undefined) return waitFor(context, beacon, open.command);
  if (beacon.revokedAt !== undefined) return { fail: shutOut(beacon) };
  const mine = given.filter(({ round }) => round === job.round).map(({ command }) => command);
  // What expired on its way was never tried.
  const failed = mine.filter(({ state }) => state !== "expired");
  const last = failed.at(-1);
  if (last !== undefined) {
    const problem = problemOf(last, beacon);
    if (failed.length >= TRIES || !problem.retryable) return { fail: problem };
    const retryAt = (last.finishedAt ?? last.createdAt) + backoffMs(failed.length - 1);
    if (retryAt > now()) return { wait: `another try: ${problem.message}`, ms: retryAt - now() };
  }
  const id = installIdOf(job.id, errand.key, { round: job.round, nth: mine.length });
  const { name, input } = errand;
  return waitFor(context, beacon, await dispatch.send({ beacon: beacon.id, name, input, actor: "lifecycle", id }));
}

export interface Given {
  readonly round: number;
  readonly command: CommandView;
}

/** Every command that was ever given for an errand, oldest first. */
export async function givenFor({ dispatch }: LifecycleContext, job: LifecycleJob, key: string): Promise<Given[]> {
  const given: Given[] = [];
  for (let round = 0; round <= job.round; round++) {
    for (let nth = 0; ; nth++) {
      const command = await dispatch.get(installIdOf(job.id, key, { round, nth }));
      if (command === undefined) break;
      given.push({ round, command });
    }
  }
  return given;
}

function waitFor({ links, now }: LifecycleContext, { id, name }: Beacon, command: CommandView): Outcome {
  const ms = pauseMs(command.createdAt, now());
  const { progress } = command;
  if (!links.isOnline(id)) return { wait: `${name} to come online`, ms };
  const step = progress === undefined ? "" : ` (${progress.title}, ${progress.step} of ${progress.steps})`;
  return { wait: `${name} to do it${step}`, ms };
}

const problemOf = ({ state, problem }: CommandView, { name }: Beacon) =>
  problem === undefined
    ? new Problem(state === "cancelled" ? "cancelled" : "command_lost", `the command to ${name} ended as ${state}`)
    : Problem.from(problem);

const shutOut = ({ name }: Beacon) =>
  new Problem("conflict", `the agent of ${name} was shut out, and takes no commands`, {
    hint: "Enrol it again first, then retry.",
  });
