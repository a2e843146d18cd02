import { type CommandState, type CommandView, endedStates } from "#shared/api/beacon.ts";

export const hasEnded = (command: CommandView): boolean => endedStates.includes(command.state);

const rank: Readonly<Record<CommandState, number>> = {
  queued: 0,
  sent: 1,
  running: 2,
  done: 3,
  failed: 3,
  cancelled: 3,
  expired: 3,
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
