import { Problem, parseOr } from "#shared/problem.ts";
import { verify } from "#shared/protocol/signing.ts";
import { PeopleStatement, type SignedStatement } from "#shared/protocol/statement.ts";
import type { Log } from "../log.ts";
import type { Sessions } from "../sessions.ts";
import type { Settings } from "../store/settings.ts";

const SETTING = "people";

/** Whose sessions are over, as the hub said last. */
export interface People {
  /** @param at When a token was made, by the hub's clock. */
  isRevoked(subject: string, at: number): boolean;
  /** Takes a statement over, on disk when it returns. One that does not hold is logged and left. */
  receive(signed: SignedStatement): void;
}

export interface PeopleOptions {
  readonly settings: Settings;
  readonly sessions: Pick<Sessions, "endOf">;
  readonly beacon: string;
  readonly commandKeys: () => Readonly<Record<string, string>>;
  readonly log: Log;
}

export function createPeople({ settings, sessions, beacon, commandKeys, log }: PeopleOptions): People {
  let current = settings.get(SETTING, PeopleStatement);

  /** @throws {Problem} `signature_invalid`, `invalid_frame`, `wrong_beacon`, `command_replayed` */
  const accept = (signed: SignedStatement): PeopleStatement => {
    const payload: unknown = JSON.parse(verify("people", signed, commandKeys()));
    const said = parseOr(PeopleStatement, payload, "the hub's list of people", "invalid_frame");
    if (said.beacon !== beacon) throw new Problem("wrong_beacon", "a list of people is meant for another beacon");
    if (said.revision >= (current?.revision ?? 0)) return said;
    throw new Problem("command_replayed", "a list of people is older than the one that this beacon has");
  };

  const known = (subject: string) => current?.revoked.find((one) => one.subject === subject)?.at ?? 0;

  return {
    isRevoked: (subject, at) => at < known(subject),
    receive: (signed) => {
      try {
        const said = accept(signed);
        // Sessions first: killed in between, they end when the list comes again.
        for (const { subject, at } of said.revoked) if (at > known(subject)) sessions.endOf(subject);
        settings.put(SETTING, said);
        current = said;
      } catch (thrown) {
        const problem = Problem.wrap(thrown);
        log.warn({ problem, cause: problem.cause }, "a list of people was not taken over");
      }
    },
  };
}
