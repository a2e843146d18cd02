import { z } from "zod";
import type { CaddyAbilities } from "#shared/caddy/route.ts";
import { Problem } from "#shared/problem.ts";
import { askSocket, type HttpAnswer } from "./http.ts";

/**
 * Caddy's admin API over its Unix socket. Every method throws `caddy_unavailable` when Caddy does not answer.
 * Source: https://caddyserver.com/docs/api
 */
export interface CaddyAdmin {
  /**
   * Replaces the whole configuration, or leaves it as it is.
   * @throws {Problem} `routes_refused` with Caddy's own words
   */
  load(config: unknown): Promise<void>;
  /** The configuration in use; `null` when Caddy runs without one. */
  current(): Promise<unknown>;
  /** What the Caddy that answers can do. */
  abilities(): Promise<CaddyAbilities>;
  /** Root certificate of the beacon's own authority in PEM. */
  rootCertificate(): Promise<string>;
}

export interface CaddyAdminOptions {
  readonly socketPath: string;
  /** How long Caddy may stay silent. */
  readonly timeoutMs?: number;
}

const Refusal = z.object({ error: z.string() });
/** Source: https://caddyserver.com/docs/api#get-pkicaltidgt */
const Authority = z.object({ root_certificate: z.string() });

/** Caddy has no way to ask for its version; but it says whether it can make sense of a Caddyfile, and changes nothing. */
const USES_STREAM_CLOSE_DELAY = `:80 {
	reverse_proxy localhost:1 {
		stream_close_delay 1h
	}
}
`;

export function caddyAdmin({ socketPath, timeoutMs = 10_000 }: CaddyAdminOptions): CaddyAdmin {
  function send(method: string, path: string, body?: string, type = "application/json"): Promise<HttpAnswer> {
    // Over a Unix socket Caddy takes an empty host or a loopback address for its own (`allowedOrigins` in admin.go).
    const headers = { host: "127.0.0.1", ...(body === undefined ? {} : { "content-type": type }) };
    return askSocket({ socketPath, method, path, headers, body, timeout: timeoutMs }).catch((cause: unknown) => {
      throw unavailable(cause);
    });
  }

  return {
    load: async (config) => {
      const answer = await send("POST", "/load", JSON.stringify(config));
      if (answer.status === 200) return;
      throw new Problem("routes_refused", `Caddy refused the configuration: ${saidBy(answer)}`, {
        hint: "The configuration before is still in use.",
        details: { status: answer.status },
      });
    },
    current: async () => jsonOf(await send("GET", "/config/")),
    // https://caddyserver.com/docs/api#post-adapt
    abilities: async () => {
      const { status } = await send("POST", "/adapt", USES_STREAM_CLOSE_DELAY, "text/caddyfile");
      return { streamCloseDelay: status === 200 };
    },
    rootCertificate: async () => Authority.parse(jsonOf(await send("GET", "/pki/ca/local"))).root_certificate,
  };
}

const unavailable = (cause: unknown) =>
  new Problem("caddy_unavailable", "Caddy does not answer on its admin socket", {
    hint: "Check that the core module caddy is installed and running.",
    cause,
  });

function jsonOf(answer: HttpAnswer): unknown {
  if (answer.status !== 200) throw unavailable(new Error(`status ${answer.status}: ${saidBy(answer)}`));
  return JSON.parse(answer.text);
}

function saidBy({ text }: HttpAnswer): string {
  try {
    return Refusal.parse(JSON.parse(text)).error;
  } catch {
    return text.slice(0, 500);
  }
}
