import { type CommandState, type CommandView, endedStates } from "#shared/api/beacon.ts";

export const hasEnded = (command: CommandView): boolean => endedStates.includes(command.state);

const rank: Readonly<Record<CommandState, number>> = {
  queued: 0,
  sent: 1,
  accepted: 2,
  running: 3,
  // What was lost may still become something else.
  lost: 4,
  done: 5,
  failed: 5,
  cancelled: 5,
  expired: 5,
};

/** Answers and events overtake each other: a command never goes back, and neither does its progress. */
export function newerOf(known: CommandView, heard: CommandView): CommandView {
  const ahead = rank[heard.state] - rank[known.state];
  if (ahead !== 0) return ahead > 0 ? heard : known;
  return (heard.progress?.at ?? 0) >= (known.progress?.at ?? 0) ? heard : known;
}

/** Takes `heard` in; the result is newest first. */
export function mergeCommands(known: readonly CommandView[], heard: readonly CommandView[]): CommandView[] {
  const byId = new Map(known.map((command) => [command.id, command]));
  for (const command of heard) {
    const before = byId.get(command.id);
    byId.set(command.id, before === undefined ? command : newerOf(before, command));
  }
  return [...byId.values()].sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
}
