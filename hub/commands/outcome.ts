import { Problem } from "#shared/problem.ts";
import type { CommandResult } from "#shared/protocol/frames.ts";
import type { CommandEnd } from "../store/commands.ts";

/** The ending that an agent's result stands for. An agent that got a command too late says so by `command_expired`. */
export function endOf({ outcome, problem, startedAt, finishedAt }: CommandResult): CommandEnd {
  const state = problem?.code === "command_expired" ? "expired" : outcome;
  return { state, problem, startedAt, finishedAt };
}

/** The ending of a command that was cancelled before any agent had it. */
export const withdrawal = (now: number): CommandEnd => ({
  state: "cancelled",
  finishedAt: now,
  problem: new Problem("cancelled", "the command was cancelled before the beacon had it").toJSON(),
});

/** The ending of a command that no agent ever got. */
export const expiry = (now: number): CommandEnd => ({
  state: "expired",
  finishedAt: now,
  problem: new Problem("command_expired", "the beacon did not come back in time to get this command", {
    hint: "Check the beacon, then give the command again.",
  }).toJSON(),
});

/** The ending of a command whose beacon left the fleet. What the agent did of it is not known. */
export const abandonment = (now: number): CommandEnd => ({
  state: "expired",
  finishedAt: now,
  problem: new Problem("command_expired", "the beacon was removed before it answered").toJSON(),
});
