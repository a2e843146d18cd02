import { z } from "zod";
import { pause } from "#shared/pause.ts";
import { Problem, ProblemBody, parseOr } from "#shared/problem.ts";
import { verify } from "#shared/protocol/signing.ts";
import { type GoodbyeStatement, LeaveStatement, SignedStatement } from "#shared/protocol/statement.ts";
import { type Backoff, backoffMs, type Random } from "../backoff.ts";
import type { Identity } from "../identity.ts";
import type { Log } from "../log.ts";
import type { Settings } from "../store/settings.ts";

const SETTING = "departure";
const ANSWER_WITHIN_MS = 30_000;
const backoff: Backoff = { firstMs: 1_000, longestMs: 3_600_000 };

const Stored = z.object({
  at: z.number(),
  actor: z.string(),
  /** Signed before the key was forgotten. */
  goodbye: SignedStatement,
  /** The hub has answered it. */
  isAnswered: z.boolean(),
});

/**
 * How this beacon leaves its hub. It is detached in the moment in which that is on disk: from then on it obeys no key and dials no
 * link. The hub hears a goodbye, again and again until it has answered.
 */
export interface Departure {
  /** Whether the beacon has left. */
  readonly isGone: () => boolean;
  /** Aborted when the beacon leaves, at once when it has. */
  readonly gone: AbortSignal;
  /** Detaches; again changes nothing. */
  readonly begin: (actor: string) => void;
  /** The hub says that the owner wants it. A statement that does not hold is logged and left. */
  readonly receive: (signed: SignedStatement) => void;
  /** Says goodbye until it is answered, if there is one to say. Settles then, or when `stop` is aborted. */
  readonly sayGoodbye: (stop: AbortSignal) => Promise<void>;
}

export interface DepartureOptions {
  readonly settings: Settings;
  readonly identity: Pick<Identity, "sign" | "forget">;
  readonly beacon: string;
  /** Origin of the hub. */
  readonly hub: string;
  readonly commandKeys: () => Readonly<Record<string, string>>;
  /** Forgets whatever the hub could come in by. Called again after a start, in case it was broken off. */
  readonly forget: () => void;
  readonly now: () => number;
  readonly random: Random;
  readonly log: Log;
}

export function createDeparture(options: DepartureOptions): Departure {
  const { settings, identity, beacon, hub, commandKeys, forget, now, random, log } = options;
  const over = new AbortController();
  let stored = settings.get(SETTING, Stored);

  const detach = () => {
    forget();
    identity.forget();
    over.abort();
  };
  if (stored !== undefined) detach();

  const begin = (actor: string) => {
    if (stored !== undefined) return;
    const said: GoodbyeStatement = { beacon, hub, at: now(), actor };
    stored = { at: said.at, actor, goodbye: identity.sign("goodbye", said, beacon), isAnswered: false };
    settings.put(SETTING, stored);
    detach();
    log.info({ hub, actor }, "this beacon has left its hub; everything on it goes on");
  };

  return {
    isGone: () => stored !== undefined,
    gone: over.signal,
    begin,
    receive: (signed) => {
      try {
        const payload: unknown = JSON.parse(verify("leave", signed, commandKeys()));
        const said = parseOr(LeaveStatement, payload, "the hub's farewell", "invalid_frame");
        if (said.beacon !== beacon) throw new Problem("wrong_beacon", "another beacon is to leave the hub");
        begin(said.actor);
      } catch (thrown) {
        const problem = Problem.wrap(thrown);
        log.warn({ problem, cause: problem.cause }, "the hub did not let this beacon go");
      }
    },
    sayGoodbye: async (stop) => {
      for (let attempt = 0; stored !== undefined && !stored.isAnswered && !stop.aborted; attempt += 1) {
        const problem = await send(hub, stored.goodbye, stop);
        if (problem === undefined) {
          stored = { ...stored, isAnswered: true };
          settings.put(SETTING, stored);
          return;
        }
        log.info({ problem, cause: problem.cause }, "the hub does not know yet that this beacon has left it");
        await pause(backoffMs(attempt, backoff, random), stop);
      }
    },
  };
}

/** Another enrolment brings the beacon back to a hub. */
export const forgetDeparture = (settings: Settings): void => settings.remove(SETTING);

/** @returns why it was not answered. A hub that does not know this beacon has nothing left to forget. */
async function send(hub: string, statement: SignedStatement, stop: AbortSignal): Promise<Problem | undefined> {
  try {
    const response = await fetch(new URL("/api/agent/goodbye", hub), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ statement }),
      signal: AbortSignal.any([stop, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      redirect: "error",
    });
    const text = await response.text();
    if (response.ok || codeOf(text) === "key_refused") return undefined;
    return new Problem("unavailable", `the hub answered the goodbye with status ${response.status}`);
  } catch (cause) {
    return new Problem("unavailable", `the hub ${hub} cannot be reached`, { cause });
  }
}

function codeOf(text: string): string | undefined {
  try {
    return ProblemBody.safeParse(JSON.parse(text)).data?.code;
  } catch {
    return undefined;
  }
}
