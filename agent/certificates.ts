import type { X509Certificate } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { connect } from "node:tls";
import type { Elsewhere, HostCertificate } from "#shared/certificates.ts";
import { parseCertificateLog } from "./certificate-log.ts";

type Certificate = NonNullable<HostCertificate["certificate"]>;

export interface CertificatesOptions {
  /** Names under which Caddy serves anything now. */
  readonly hosts: () => readonly string[];
  /** Where a name leads that does not lead here; all lead here when absent. */
  readonly elsewhere?: ((host: string) => Elsewhere | undefined) | undefined;
  /** Where Caddy is published. */
  readonly address: string;
  readonly port: number;
  /** Caddy's log of getting certificates. */
  readonly logFile: string;
  readonly now: () => number;
  /** How long a certificate that was seen is believed to be there, unless the log tells of another one. */
  readonly believedMs?: number;
}

/** How it stands with the certificate of every host; as it was, while Caddy is away. */
export type LookAtCertificates = () => Promise<HostCertificate[]>;

const AT_ONCE = 8;
const ANSWER_MS = 5_000;
const LOG_BYTES = 256 * 1024;

/**
 * Asks Caddy for each host as a visitor would, so that what is reported is what is served; why there is none is in
 * Caddy's log.
 */
export function createCertificates(options: CertificatesOptions): LookAtCertificates {
  const { hosts, elsewhere: elsewhereOf, address, port, logFile, now, believedMs = 3_600_000 } = options;
  let seen = new Map<string, { at: number; certificate: Certificate }>();
  let known: HostCertificate[] = [];

  return async () => {
    const events = parseCertificateLog(endOf(logFile));
    const at = now();
    const next: typeof seen = new Map();

    async function lookAt(host: string): Promise<HostCertificate> {
      const event = events.get(host);
      const elsewhere = elsewhereOf?.(host);
      if (elsewhere !== undefined) return { host, elsewhere };
      const before = seen.get(host);
      const isBelieved = before !== undefined && at - before.at < believedMs && (event?.at ?? 0) < before.at;
      const certificate = isBelieved ? before.certificate : await served({ host, address, port });
      if (certificate !== undefined) next.set(host, { at: isBelieved ? before.at : at, certificate });
      return {
        host,
        ...(certificate === undefined ? {} : { certificate }),
        ...(event?.failure === undefined ? {} : { failure: event.failure }),
      };
    }

    const found: HostCertificate[] = [];
    const all = [...new Set(hosts())].sort();
    try {
      for (let from = 0; from < all.length; from += AT_ONCE) {
        found.push(...(await Promise.all(all.slice(from, from + AT_ONCE).map(lookAt))));
      }
    } catch {
      return known;
    }
    seen = next;
    known = found;
    return known;
  };
}

/** The last part of a file; empty when there is none. */
function endOf(file: string): string {
  try {
    const descriptor = openSync(file, "r");
    try {
      const { size } = fstatSync(descriptor);
      const bytes = Buffer.alloc(Math.min(size, LOG_BYTES));
      readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
      return bytes.toString("utf8");
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return "";
  }
}

/**
 * The certificate that is shown to whoever asks for the host; undefined when there is none.
 * @throws when nobody answers there
 */
function served({ host, address, port }: { host: string; address: string; port: number }) {
  return new Promise<Certificate | undefined>((resolve, reject) => {
    // Whether browsers trust it is not asked here: the beacon's own authority is known to few.
    const socket = connect({ host: reachable(address), port, servername: host, rejectUnauthorized: false });
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no answer within ${ANSWER_MS} ms`)));
    socket.on("secureConnect", () => {
      const shown = socket.getPeerX509Certificate();
      resolve(shown === undefined || shown.checkHost(host) === undefined ? undefined : certificateOf(shown));
      socket.destroy();
    });
    // An alert says that Caddy is there, and has nothing to show.
    socket.on("error", (error) => (isAlert(error) ? resolve(undefined) : reject(error)));
  });
}

const isAlert = (error: Error) => "code" in error && String(error.code).startsWith("ERR_SSL_");

const reachable = (address: string) => (address === "0.0.0.0" ? "127.0.0.1" : address === "::" ? "::1" : address);

const certificateOf = ({ issuer, validFromDate, validToDate }: X509Certificate): Certificate => ({
  issuer: issuerName(issuer),
  notBefore: validFromDate.getTime(),
  notAfter: validToDate.getTime(),
});

/** `Let's Encrypt R11` of `C=US\nO=Let's Encrypt\nCN=R11`. */
const issuerName = (issuer: string): string =>
  [/^O=(.+)$/m, /^CN=(.+)$/m].flatMap((part) => part.exec(issuer)?.[1] ?? []).join(" ");
