import { z } from "zod";
import type { HostCertificate } from "#shared/certificates.ts";

/** What Caddy last did for a host's certificate. Times are milliseconds since the epoch. */
export interface CertificateEvent {
  readonly at: number;
  readonly failure?: NonNullable<HostCertificate["failure"]>;
}

/** https://caddyserver.com/docs/logging; `ts` is in seconds. */
const Line = z.object({
  level: z.string(),
  ts: z.number(),
  msg: z.string(),
  identifier: z.string(),
  error: z.string().optional(),
});

/** https://github.com/caddyserver/certmagic/blob/v0.24.0/config.go, `obtainCert` and `renewCert` */
const successes: ReadonlySet<string> = new Set([
  "certificate obtained successfully",
  "certificate renewed successfully",
]);

const REASON_LENGTH = 300;

/** The last event of each host in Caddy's log of getting certificates, of which the first line may be cut off. */
export function parseCertificateLog(text: string): Map<string, CertificateEvent> {
  const last = new Map<string, CertificateEvent>();
  for (const line of text.split("\n")) {
    const event = Line.safeParse(jsonOr(line));
    if (!event.success) continue;
    const { level, ts, msg, identifier, error } = event.data;
    const at = Math.round(ts * 1000);
    if (level === "error" && error !== undefined) {
      last.set(identifier, { at, failure: { at, reason: error.slice(0, REASON_LENGTH) } });
    } else if (successes.has(msg)) last.set(identifier, { at });
  }
  return last;
}

function jsonOr(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
