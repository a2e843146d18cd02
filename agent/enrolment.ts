import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { Enrolment, type EnrolmentRequest } from "#shared/api/hub.ts";
import { Problem, ProblemBody, parseOr } from "#shared/problem.ts";
import { type Backoff, backoffMs, type Random } from "./backoff.ts";
import { askHttp } from "./http.ts";
import type { Identity } from "./identity.ts";
import type { Log } from "./log.ts";
import type { Settings } from "./store/settings.ts";

const SETTING = "enrolment";
const ANSWER_WITHIN_MS = 30_000;
const backoff: Backoff = { firstMs: 500, longestMs: 60_000 };

const Stored = Enrolment.extend({
  /** SHA-256 of the token that was traded for it. */
  tokenHash: z.string().optional(),
  /** The key that it was given to. */
  publicKey: z.string().optional(),
});

export interface EnrolmentOptions {
  /** Origin of the hub. */
  readonly hub: string;
  readonly tokenFile: string | undefined;
  readonly settings: Settings;
  readonly identity: Pick<Identity, "publicKey" | "isPrepared" | "prepare" | "promote">;
  readonly agentVersion: string;
  readonly hostname: string;
  /** The provider's id of this server, where it is known. */
  readonly instanceId: string | undefined;
  /** Forgets what belongs to the enrolment before, before another one is stored. */
  readonly onAnother: () => void;
  readonly random: Random;
  readonly log: Log;
  /** Ends the waiting for a hub that does not answer. */
  readonly signal: AbortSignal;
}

/**
 * Gives the beacon's enrolment: the stored one, or another one where there is a one-time token that was not used yet; that one is
 * for a new key. The token is deleted only after the enrolment is on disk, and the hub answers the same key again, so that it may
 * be interrupted anywhere. A hub that cannot be reached is asked again for ever.
 * @throws {Problem} what the hub refused with, or `not_found` when there is neither enrolment nor token. A beacon that is enrolled
 * stays so when a new token is refused.
 */
export async function enrol(options: EnrolmentOptions): Promise<Enrolment> {
  const { settings, tokenFile, identity, log } = options;
  const stored = settings.get(SETTING, Stored);
  const token = tokenFile === undefined ? undefined : readToken(tokenFile, stored === undefined);
  const isNew = token !== undefined && hashOf(token) !== stored?.tokenHash;
  const enrolment = isNew || stored === undefined ? await trade(options, token, stored) : stored;
  // Broken off between the two: the key that the hub knows by now is the one beside.
  if (identity.isPrepared() && enrolment.publicKey === identity.prepare()) identity.promote();
  if (tokenFile !== undefined) rmSync(tokenFile, { force: true });
  log.debug({ beacon: enrolment.beacon }, "this beacon is enrolled");
  return Enrolment.parse(enrolment);
}

type Stored = z.output<typeof Stored>;

async function trade(
  options: EnrolmentOptions,
  token: string | undefined,
  stored: Stored | undefined,
): Promise<Stored> {
  const { identity, agentVersion, hostname, instanceId, onAnother, log } = options;
  if (token === undefined) throw noToken();
  const publicKey = stored === undefined ? identity.publicKey() : identity.prepare();
  const request = { token, publicKey, agentVersion, hostname, ...(instanceId === undefined ? {} : { instanceId }) };
  if (stored === undefined) return put(options, await askUntilAnswered(options, request), { token, publicKey });
  const answer = await askUntilAnswered(options, request).catch((thrown: unknown) => {
    options.signal.throwIfAborted();
    const problem = Problem.wrap(thrown);
    log.warn({ problem, cause: problem.cause }, "this beacon was not enrolled again, and stays as it was");
  });
  if (answer === undefined) return stored;
  onAnother();
  return put(options, answer, { token, publicKey });
}

/** On disk when it returns. */
function put(
  { settings }: EnrolmentOptions,
  answer: Enrolment,
  { token, publicKey }: { readonly token: string; readonly publicKey: string },
): Stored {
  const enrolment = { ...answer, tokenHash: hashOf(token), publicKey };
  settings.put(SETTING, enrolment);
  return enrolment;
}

async function askUntilAnswered(options: EnrolmentOptions, request: EnrolmentRequest): Promise<Enrolment> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await requestEnrolment(options.hub, request, options.signal);
    } catch (thrown) {
      options.signal.throwIfAborted();
      const problem = Problem.wrap(thrown);
      // The operator may learn of it, and allow it.
      const mayChange = problem.retryable || problem.status >= 500 || problem.code === "enrolment_elsewhere";
      if (!mayChange) throw problem;
      const waitMs = backoffMs(attempt, backoff, options.random);
      options.log.warn(
        { hub: options.hub, problem, cause: problem.cause, waitMs },
        "the hub did not enrol this beacon yet",
      );
      await delay(waitMs, undefined, { signal: options.signal });
    }
  }
}

const hashOf = (token: string) => createHash("sha256").update(token).digest("hex");

const noToken = () =>
  new Problem("not_found", "this beacon is not enrolled and has no enrolment token", {
    hint: "Ask the hub for a token, and name the file that holds it as enrolmentTokenFile in the configuration.",
  });

/** @param isNeeded Whether it is a problem when there is none. */
function readToken(file: string, isNeeded: boolean): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    if (!isNeeded && cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new Problem("not_found", `the enrolment token ${file} cannot be read`, {
      hint: "Ask the hub for a new token and write it into that file.",
      cause,
    });
  }
}

async function requestEnrolment(hub: string, request: EnrolmentRequest, signal: AbortSignal): Promise<Enrolment> {
  const { status, text } = await askHttp(new URL("/api/agent/enrol", hub), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
  }).catch((cause: unknown) => {
    throw new Problem("unavailable", `the hub ${hub} cannot be reached`, { cause });
  });
  if (status === 200) return parseOr(Enrolment, parseJson(text), "the hub's enrolment", "unavailable");
  const refusal = ProblemBody.safeParse(parseJson(text));
  if (refusal.success) throw Problem.from(refusal.data);
  throw new Problem("unavailable", `the hub answered the enrolment with status ${status}`, {
    hint: "Check that the address of the hub in the configuration is right.",
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
