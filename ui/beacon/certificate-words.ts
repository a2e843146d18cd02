import { type CertificateVerdict, certificateVerdict, type HostCertificate } from "#shared/certificates.ts";
import type { Tone } from "../components/status.tsx";

export interface CertificateWords {
  readonly tone: Tone;
  readonly word: string;
  /** What to know or to do. */
  readonly detail: string;
}

const tones: Readonly<Record<CertificateVerdict, Tone>> = {
  good: "good",
  waiting: "busy",
  expiring: "warn",
  elsewhere: "warn",
  failing: "bad",
  expired: "bad",
};

const words: Readonly<Record<CertificateVerdict, string>> = {
  good: "Secure",
  waiting: "Waiting",
  expiring: "Expires soon",
  elsewhere: "Leads elsewhere",
  failing: "Failing",
  expired: "Expired",
};

/** How it stands with the certificate of a host name of the beacon with this domain, as a person reads it. */
export function certificateWords(state: HostCertificate, domain: string, now: number): CertificateWords {
  const verdict = certificateVerdict(state, now);
  return { tone: tones[verdict], word: words[verdict], detail: detailOf(state, domain, now) };
}

/** Whether somebody should do something about it. */
export const needsAttention = (state: HostCertificate, now: number): boolean =>
  !["good", "waiting"].includes(certificateVerdict(state, now));

function detailOf({ host, certificate, failure, elsewhere }: HostCertificate, domain: string, now: number): string {
  if (elsewhere !== undefined) return recordToSet(host, domain, elsewhere);
  const served =
    certificate === undefined
      ? "No certificate yet"
      : `${certificate.issuer}, ${untilWords(certificate.notAfter - now)}`;
  return failure === undefined ? served : `${served}. Last attempt: ${failure.reason}`;
}

function recordToSet(host: string, domain: string, { found, expected }: NonNullable<HostCertificate["elsewhere"]>) {
  const leads =
    found === undefined
      ? "It could not be looked up."
      : found.length === 0
        ? "It has no address."
        : `It leads to ${found.join(", ")}.`;
  const addresses = expected.length === 0 ? "" : `, or its addresses to ${expected.join(" and ")}`;
  return `${leads} Set a CNAME record of ${host} to ${domain}${addresses}. It is looked up every minute.`;
}

const DAY_MS = 86_400_000;

const untilWords = (leftMs: number) => {
  if (leftMs <= 0) return "no longer valid";
  if (leftMs < 2 * DAY_MS) return `${Math.ceil(leftMs / 3_600_000)} hours left`;
  return `${Math.floor(leftMs / DAY_MS)} days left`;
};
