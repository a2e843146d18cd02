import type { StoredCommand } from "../store/command-row.ts";

/** What an agent says of commands when it comes. */
export interface AgentHello {
  readonly protocol: number;
  readonly running: readonly string[];
  readonly unacknowledged?: readonly string[] | undefined;
}

/** From this protocol on an agent can be asked what its journal has. */
const ASKABLE = 3;

/**
 * Commands that the agent had accepted, and did not name in its hello: it has forgotten them, or the hub has. Until it was asked they
 * must not be sent again, because an agent that has forgotten one would do it a second time.
 */
export function planDoubts(pending: readonly StoredCommand[], hello: AgentHello | undefined): string[] {
  if (hello === undefined || hello.protocol < ASKABLE) return [];
  const named = new Set([...hello.running, ...(hello.unacknowledged ?? [])]);
  return pending
    .filter(({ view }) => view.state === "accepted" || view.state === "running")
    .map(({ view }) => view.id)
    .filter((id) => !named.has(id));
}
