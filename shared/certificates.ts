import { z } from "zod";
import { HostName, Timestamp } from "./names.ts";

/** Where a host name leads that does not lead to the beacon. */
export const Elsewhere = z.object({
  /** Its addresses; empty when it has none, absent when nobody could say. */
  found: z.array(z.string()).exactOptional(),
  /** Those of the beacon's domain; empty when nobody could say. */
  expected: z.array(z.string()),
});
export type Elsewhere = z.output<typeof Elsewhere>;

/** How it stands with the certificate of one host name of a beacon. */
export const HostCertificate = z.object({
  host: HostName,
  /** The one that visitors are shown; absent where there is none. */
  certificate: z.object({ issuer: z.string(), notBefore: Timestamp, notAfter: Timestamp }).optional(),
  /** The last attempt to get one or a newer one, where it failed. */
  failure: z.object({ at: Timestamp, reason: z.string() }).optional(),
  /** No certificate is asked for until the name leads here. */
  elsewhere: Elsewhere.exactOptional(),
});
export type HostCertificate = z.output<typeof HostCertificate>;

/** `waiting`: there is none yet, and nothing went wrong. `failing`: there is none, or soon none. */
export type CertificateVerdict = "good" | "expiring" | "waiting" | "failing" | "expired" | "elsewhere";

const DAY_MS = 86_400_000;
const SOON_MS = 14 * DAY_MS;
/** Caddy renews when a third of its time is left; what has come to half of that was not renewed. */
const SOON_SHARE = 1 / 6;

export function certificateVerdict(
  { certificate, failure, elsewhere }: HostCertificate,
  now: number,
): CertificateVerdict {
  if (elsewhere !== undefined) return "elsewhere";
  if (certificate === undefined) return failure === undefined ? "waiting" : "failing";
  const { notBefore, notAfter } = certificate;
  const left = notAfter - now;
  if (left <= 0) return "expired";
  // Some authorities give certificates for days or hours.
  const isSoon = left < Math.min(SOON_MS, (notAfter - notBefore) * SOON_SHARE);
  if (!isSoon) return "good";
  return failure === undefined ? "expiring" : "failing";
}
