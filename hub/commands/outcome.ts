import { Problem } from "#shared/problem.ts";
import type { CommandResult } from "#shared/protocol/frames.ts";
import type { CommandEnd } from "../store/commands.ts";

/**
 * The ending that an agent's result stands for. An agent that got a command too late says so by `command_expired`.
 * @param heardAt By the hub's clock.
 */
export function endOf({ outcome, problem, startedAt, finishedAt, ledger }: CommandResult, heardAt: number): CommandEnd {
  const state = problem?.code === "command_expired" ? "expired" : outcome;
  return { state, problem, startedAt, finishedAt, actor: "agent", heardAt, told: ledger };
}

/** The ending of a command that was cancelled before any agent had it. */
export const withdrawal = (now: number, actor: string): CommandEnd => ({
  state: "cancelled",
  finishedAt: now,
  actor,
  problem: new Problem("cancelled", "the command was cancelled before the beacon had it").toJSON(),
});

/** The ending of a command that no agent ever got. */
export const expiry = (now: number): CommandEnd => ({
  state: "expired",
  finishedAt: now,
  actor: "hub",
  problem: new Problem("command_expired", "the beacon did not come back in time to get this command", {
    hint: "Check the beacon, then give the command again.",
  }).toJSON(),
});

/** The ending of a command whose beacon left the fleet before it had it. */
export const abandonment = (now: number): CommandEnd => ({
  state: "expired",
  finishedAt: now,
  actor: "hub",
  problem: new Problem(
    "command_expired",
    "the beacon was removed, or its agent shut out, before it had this command",
  ).toJSON(),
});

const lost = (now: number, message: string, hint?: string): CommandEnd => ({
  state: "lost",
  finishedAt: now,
  actor: "hub",
  problem: new Problem("command_lost", message, { hint }).toJSON(),
});

/** The ending of a command whose beacon left the fleet while it may have had it. What the agent did of it is not known. */
export const lostWithBeacon = (now: number): CommandEnd =>
  lost(now, "the beacon was removed, or its agent shut out, before it answered");

/** The ending of a command that an agent had accepted, and that its journal does not know any more. */
export const lostByAgent = (now: number): CommandEnd =>
  lost(
    now,
    "the beacon had accepted this command, and does not know it any more: its journal is another one than it was",
    "What was done of it is not known. Look at the beacon, then give the command again. Should the former journal come back, what it says still counts.",
  );
