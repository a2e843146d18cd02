import { compress } from "snappyjs";
import { Problem } from "#shared/problem.ts";
import { hubVersion } from "../version.ts";

export interface Target {
  readonly url: string;
  /** Value of the `Authorization` header. */
  readonly authorization: string | undefined;
}

export type Answer =
  | { readonly kind: "stored" }
  /** The store will never take this. */
  | { readonly kind: "refused"; readonly problem: Problem }
  /** It may take it later. */
  | { readonly kind: "later"; readonly problem: Problem; readonly afterMs: number | undefined };

const WITHIN_MS = 30_000;
/** Of what the store says, as much as a person reads. */
const LONGEST_REASON = 300;
/** These are about who asks or where, not about what is written: somebody will set that right. */
const NOT_ABOUT_CONTENT: ReadonlySet<number> = new Set([401, 403, 404, 405, 407, 408, 429]);

export interface PostTools {
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number;
}

/** Posts one request by Remote-Write 1.0: https://prometheus.io/docs/specs/prw/remote_write_spec/#protocol */
export async function postWriteRequest(
  { fetch, now }: PostTools,
  { url, authorization }: Target,
  request: Uint8Array,
): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      redirect: "error",
      headers: {
        "content-type": "application/x-protobuf",
        "content-encoding": "snappy",
        "x-prometheus-remote-write-version": "0.1.0",
        "user-agent": `wopr/${hubVersion}`,
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: Buffer.from(compress(request)),
      signal: AbortSignal.timeout(WITHIN_MS),
    });
  } catch (cause) {
    const problem = new Problem("unavailable", "the store of measurements does not answer", { cause });
    return { kind: "later", problem, afterMs: undefined };
  }
  const said = (await response.text().catch(() => "")).trim().slice(0, LONGEST_REASON);
  if (response.ok) return { kind: "stored" };
  const { status } = response;
  const problem = new Problem("unavailable", `the store of measurements answered ${status}: ${said}`, {
    details: { status },
    ...(status === 401 || status === 403 ? { hint: "Set the token or password anew." } : {}),
  });
  if (status >= 500 || NOT_ABOUT_CONTENT.has(status) || status < 400) {
    return { kind: "later", problem, afterMs: retryAfterMs(response.headers.get("retry-after"), now()) };
  }
  return { kind: "refused", problem };
}

/** Pure: seconds, or the date when to come again (https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3); undefined for anything else. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
