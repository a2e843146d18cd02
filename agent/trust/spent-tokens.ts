import type { AgentDatabase } from "../store/database.ts";

/** Tokens that work once, by their ids: what was used stays used when the agent is started again. */
export interface SpentTokens {
  /** @param expiresAt When it would be refused anyway, in milliseconds since the epoch. @returns whether it was not used before */
  spend(id: string, expiresAt: number): boolean;
}

/** Clocks may differ, and be set back. */
const KEPT_LONGER_MS = 86_400_000;

export function createSpentTokens(db: AgentDatabase, now: () => number): SpentTokens {
  const insert = db.prepare("insert into spent_token (id, expires_at) values (?, ?) on conflict do nothing");
  const prune = db.prepare("delete from spent_token where expires_at < ?");
  return {
    spend: (id, expiresAt) => {
      prune.run(now() - KEPT_LONGER_MS);
      return insert.run(id, expiresAt).changes === 1;
    },
  };
}
