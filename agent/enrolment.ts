import { readFileSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Enrolment, type EnrolmentRequest } from "#shared/api/hub.ts";
import { Problem, ProblemBody, parseOr } from "#shared/problem.ts";
import { type Backoff, backoffMs, type Random } from "./backoff.ts";
import type { Log } from "./log.ts";
import type { Settings } from "./store/settings.ts";

const SETTING = "enrolment";
const ANSWER_WITHIN_MS = 30_000;
const backoff: Backoff = { firstMs: 500, longestMs: 60_000 };

export interface EnrolmentOptions {
  /** Origin of the hub. */
  readonly hub: string;
  readonly tokenFile: string | undefined;
  readonly settings: Settings;
  /** Raw public key of the agent. */
  readonly publicKey: string;
  readonly agentVersion: string;
  readonly hostname: string;
  readonly random: Random;
  readonly log: Log;
  /** Ends the waiting for a hub that does not answer. */
  readonly signal: AbortSignal;
}

/**
 * Gives the beacon's enrolment: the stored one, or a new one for the one-time token. The token is deleted only after
 * the enrolment is on disk, and the hub answers the same key again, so that it may be interrupted anywhere. A hub that
 * cannot be reached is asked again for ever.
 * @throws {Problem} what the hub refused with, or `not_found` when there is neither enrolment nor token.
 */
export async function enrol(options: EnrolmentOptions): Promise<Enrolment> {
  const { settings, tokenFile } = options;
  const stored = settings.get(SETTING, Enrolment);
  const enrolment = stored ?? (await askUntilAnswered(options));
  if (stored === undefined) settings.put(SETTING, enrolment);
  if (tokenFile !== undefined) rmSync(tokenFile, { force: true });
  return enrolment;
}

async function askUntilAnswered(options: EnrolmentOptions): Promise<Enrolment> {
  const request = enrolmentRequest(options);
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await requestEnrolment(options.hub, request, options.signal);
    } catch (thrown) {
      options.signal.throwIfAborted();
      const problem = Problem.wrap(thrown);
      if (!problem.retryable && problem.status < 500) throw problem;
      const waitMs = backoffMs(attempt, backoff, options.random);
      options.log.warn(
        { hub: options.hub, problem, cause: problem.cause, waitMs },
        "the hub did not enrol this beacon yet",
      );
      await delay(waitMs, undefined, { signal: options.signal });
    }
  }
}

function enrolmentRequest({ tokenFile, publicKey, agentVersion, hostname }: EnrolmentOptions): EnrolmentRequest {
  if (tokenFile === undefined) {
    throw new Problem("not_found", "this beacon is not enrolled and has no enrolment token", {
      hint: "Ask the hub for a token, and name the file that holds it as enrolmentTokenFile in the configuration.",
    });
  }
  return { token: readToken(tokenFile), publicKey, agentVersion, hostname };
}

function readToken(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new Problem("not_found", `the enrolment token ${file} cannot be read`, {
      hint: "Ask the hub for a new token and write it into that file.",
      cause,
    });
  }
}

async function requestEnrolment(hub: string, request: EnrolmentRequest, signal: AbortSignal): Promise<Enrolment> {
  const response = await send(hub, request, signal);
  const text = await response.text().catch((cause: unknown) => {
    throw new Problem("unavailable", "the hub's answer broke off", { cause });
  });
  if (response.ok) return parseOr(Enrolment, parseJson(text), "the hub's enrolment", "unavailable");
  const refusal = ProblemBody.safeParse(parseJson(text));
  if (refusal.success) throw Problem.from(refusal.data);
  throw new Problem("unavailable", `the hub answered the enrolment with status ${response.status}`, {
    hint: "Check that the address of the hub in the configuration is right.",
  });
}

async function send(hub: string, request: EnrolmentRequest, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(new URL("/api/agent/enrol", hub), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      redirect: "error",
    });
  } catch (cause) {
    throw new Problem("unavailable", `the hub ${hub} cannot be reached`, { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
