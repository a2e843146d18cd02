import { z } from "zod";
import { describeIssues, Problem, type ProblemCode } from "#shared/problem.ts";

/** Silence that counts as no answer. */
const TIMEOUT_MS = 30_000;
/** How long one call waits in all for a vendor that wants to be left alone. */
const PATIENCE_MS = 30_000;
/** Pauses where a vendor does not say how long. */
const PAUSES_MS = [500, 2000, 5000];
/** What a problem keeps of a vendor's words. */
const LONGEST_REASON = 300;

/** An answer that is none of success. */
export interface VendorRefusal {
  readonly status: number;
  /** Parsed where it was JSON; text otherwise. */
  readonly body: unknown;
}

/** What a vendor means by a refusal, where its own codes say more than the status does. */
export interface Verdict {
  readonly code?: ProblemCode | undefined;
  /** In the vendor's words. */
  readonly reason?: string | undefined;
  /** The vendor's own code, kept as evidence. */
  readonly vendorCode?: string | undefined;
  readonly hint?: string | undefined;
}

export interface VendorHttpOptions {
  /** Names the vendor in messages, for example `Hetzner Cloud`. */
  readonly title: string;
  /** What every path is appended to, without a slash at its end, for example `https://api.hetzner.cloud/v1`. */
  readonly endpoint: string;
  /** Headers of one request: who we are, and what has to be fresh or signed each time. */
  readonly headers: (request: SignedParts) => Promise<Record<string, string>> | Record<string, string>;
  /** Texts that no message may hold, wherever they come from. */
  readonly secrets: readonly string[];
  readonly judge: (refusal: VendorRefusal) => Verdict;
  readonly fetch?: typeof fetch | undefined;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** What a signature covers. */
export interface SignedParts {
  readonly method: string;
  readonly url: string;
  /** As it is sent; empty without one. */
  readonly body: string;
}

export interface VendorRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With its first slash; what is put into it is already encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  /** Sent as JSON; a text as it is, of the type that `headers` gives it. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Whether it may be sent again although it may have had its effect; as its method promises when absent. */
  readonly repeatable?: boolean | undefined;
}

/** The API of one vendor over HTTP. */
export interface VendorHttp {
  /**
   * Sends a request and reads its answer. One that was turned away for coming too fast is sent again when the vendor says, within 30
   * seconds in all; one that failed on the vendor's side only where that is harmless.
   * @throws {Problem} what the vendor's refusal means: `provider_credentials` (401, 403), `not_found` (404), `provider_unavailable` (time-out,
   * 5xx, 429; `details.retryAfterMs` where the vendor says when), else `provider_refused`, unless `judge` knows better. No message
   * holds a secret.
   */
  ask<Schema extends z.ZodType>(schema: Schema, request: VendorRequest): Promise<z.output<Schema>>;
  /** As `ask`, and `undefined` where there is no such thing (404). */
  find<Schema extends z.ZodType>(schema: Schema, request: VendorRequest): Promise<z.output<Schema> | undefined>;
}

/** Of an answer that nobody reads. */
export const Ignored = z.unknown();

/** One client for every vendor, so that each is called with the same manners. */
export function createVendorHttp(options: VendorHttpOptions): VendorHttp {
  const { title, endpoint, headers, secrets, judge, now, sleep, fetch: send = fetch } = options;
  const clean = (text: string) =>
    secrets
      .filter((secret) => secret !== "")
      .reduce((cleaned, secret) => cleaned.replaceAll(secret, "…"), text)
      .slice(0, LONGEST_REASON);

  const once = async (request: VendorRequest): Promise<Answer> => {
    const { method, path, query = {}, body } = request;
    const url = new URL(endpoint + path);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
    const all = {
      accept: "application/json",
      "user-agent": "wopr",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(await headers({ method, url: url.href, body: text })),
      ...request.headers,
    };
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const sent = {
        method,
        headers: all,
        redirect: "error",
        signal,
        ...(body === undefined ? {} : { body: text }),
      } as const;
      const answer = await send(url, sent);
      return { status: answer.status, headers: answer.headers, body: readJson(await answer.text()) };
    } catch (error) {
      // Its words may hold the address, and that a token; its name and code do not.
      throw new Problem("provider_unavailable", `${title} could not be reached (${nameOf(error)})`, {
        hint: "Look at the network of the hub and at the status page of the vendor. It is tried again.",
      });
    }
  };

  const refuse = ({ status, body, headers: said }: Answer): Problem => {
    const { code = codeOf(status), reason, vendorCode, hint = hintOf(code, title) } = judge({ status, body });
    const words = reason === undefined || reason === "" ? `it answered ${status}` : clean(reason);
    const retryAfterMs = waitOf(said, now());
    return new Problem(code, `${title}: ${words}`, {
      hint,
      details: {
        status,
        ...(vendorCode === undefined ? {} : { vendorCode: clean(vendorCode) }),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      },
    });
  };

  const ask = async <Schema extends z.ZodType>(schema: Schema, request: VendorRequest): Promise<z.output<Schema>> => {
    const { repeatable = request.method !== "POST" && request.method !== "PATCH" } = request;
    let patienceMs = PATIENCE_MS;
    for (let tries = 0; ; tries++) {
      const answer = await once(request).catch((problem: Problem) => problem);
      if (!(answer instanceof Problem) && answer.status < 300) return read(schema, answer.body, `${title}'s answer`);
      const problem = answer instanceof Problem ? answer : refuse(answer);
      // Who is told to come later was not let in: nothing has happened.
      const harmless = repeatable || (!(answer instanceof Problem) && answer.status === 429);
      const pauseMs = numberIn(problem.details?.retryAfterMs) ?? PAUSES_MS[tries];
      const again = problem.code === "provider_unavailable" && harmless && pauseMs !== undefined;
      if (!again || tries >= PAUSES_MS.length || pauseMs > patienceMs) throw problem;
      patienceMs -= pauseMs;
      await sleep(pauseMs);
    }
  };

  return {
    ask,
    find: async (schema, request) => {
      try {
        return await ask(schema, request);
      } catch (error) {
        if (error instanceof Problem && error.code === "not_found") return undefined;
        throw error;
      }
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

function codeOf(status: number): ProblemCode {
  if (status === 401 || status === 403) return "provider_credentials";
  if (status === 404) return "not_found";
  if (status === 408 || status === 429 || status >= 500) return "provider_unavailable";
  return "provider_refused";
}

const hints: { readonly [Code in ProblemCode]?: (title: string) => string } = {
  provider_credentials: (title) =>
    `Give the hub other credentials for ${title}: these are not known there, or may too little.`,
  provider_unavailable: () => "It is tried again.",
  provider_quota: (title) => `Ask ${title} for a higher limit, or remove what is not needed any more.`,
  provider_out_of_stock: () => "Choose another size or another region, or wait.",
};

const hintOf = (code: ProblemCode, title: string) => hints[code]?.(title);

/**
 * How long the other side wants to be left alone, in milliseconds: `retry-after` in seconds or as a date (RFC 9110, section 10.2.3), or
 * when the limit is reset, which vendors give in seconds since the epoch.
 */
function waitOf(headers: Headers, now: number): number | undefined {
  const after = headers.get("retry-after");
  if (after !== null) {
    const ms = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - now;
    if (Number.isFinite(ms)) return Math.max(0, ms);
  }
  if (headers.get("ratelimit-remaining") !== "0" && headers.get("x-ratelimit-remaining") !== "0") return undefined;
  const reset = Number(headers.get("ratelimit-reset") ?? headers.get("x-ratelimit-reset") ?? Number.NaN);
  return Number.isFinite(reset) ? Math.max(0, reset * 1000 - now) : undefined;
}

/** @throws {Problem} `provider_unavailable` for an answer that is not as described: a proxy in between, or another version of the API */
function read<Schema extends z.ZodType>(schema: Schema, body: unknown, what: string): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Problem("provider_unavailable", `${what} is not as it is described`, {
    hint: "If it stays so, the vendor has changed its API.",
    details: { issues: describeIssues(parsed.error).slice(0, LONGEST_REASON) },
  });
}

function readJson(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}

const numberIn = (value: unknown) => (typeof value === "number" ? value : undefined);

const Coded = z.object({ cause: z.object({ code: z.string() }) });

function nameOf(error: unknown): string {
  const { data } = Coded.safeParse(error);
  if (data !== undefined) return data.cause.code;
  return error instanceof Error ? error.name : "unknown";
}
