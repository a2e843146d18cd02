import type { KeysView } from "#shared/api/trust.ts";
import { parseOr } from "#shared/problem.ts";
import { KeysStatement } from "#shared/protocol/statement.ts";
import type { Succession } from "../key-ring.ts";

export interface KnownKeys {
  /** Id of the one that signs. */
  readonly active: string;
  /** Ids of all that count, oldest first. */
  readonly ids: readonly string[];
  readonly successions: readonly Succession[];
}

/** Pure: since when a key signs and until when those before it count, as the statements say that name each from the one before. */
export function keysView({ active, ids, successions }: KnownKeys): KeysView {
  const said = successions.map(({ statement }) =>
    parseOr(KeysStatement, JSON.parse(statement.payload), "a statement on a key"),
  );
  const since = said.find(({ key }) => key.id === active)?.at;
  return {
    active,
    ...(since === undefined ? {} : { since }),
    before: ids.slice(0, ids.indexOf(active)).flatMap((id) => {
      const until = said.find(({ from }) => from === id)?.retireAt;
      return until === undefined ? [] : [{ id, until }];
    }),
  };
}
