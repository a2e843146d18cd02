import { Problem, parseOr } from "#shared/problem.ts";
import { verify } from "#shared/protocol/signing.ts";
import { ExecStatement } from "#shared/protocol/statement.ts";
import type { ExecSessions } from "../exec-sessions.ts";
import type { StreamSources } from "./index.ts";

export interface SignedExecOptions {
  readonly beacon: string;
  /** Raw public keys that may sign, by key id. */
  readonly commandKeys: () => Readonly<Record<string, string>>;
  readonly sessions: Pick<ExecSessions, "open">;
  /** The hub's clock. */
  readonly hubTime: () => number;
}

/** Runs a program for the hub: as with a command, its link alone is not proof enough. */
export const signedExec = ({ beacon, commandKeys, sessions, hubTime }: SignedExecOptions): StreamSources["exec"] =>
  async function* ({ statement }, talk) {
    const payload: unknown = JSON.parse(verify("exec", statement, commandKeys()));
    const said = parseOr(ExecStatement, payload, "the statement of a session", "invalid_frame");
    if (said.beacon !== beacon) throw new Problem("wrong_beacon", "the session is meant for another beacon");
    if (said.expiresAt < hubTime()) {
      throw new Problem("command_expired", "the session was opened too late", { hint: "Open it again." });
    }
    const { id, actor, request } = said;
    yield* sessions.open({ id, actor, request }, talk);
  };
