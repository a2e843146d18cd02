import { certificateSeriesName } from "#shared/metrics/sample.ts";
import { type Meter, round2 } from "./meter.ts";

const DAY_MS = 86_400_000;

/** How long a certificate that visitors are shown is still valid. */
export interface ShownCertificate {
  readonly host: string;
  /** Milliseconds since the epoch. */
  readonly validUntil: number;
}

/** Days that each certificate is still valid; negative once it is not. */
export const createCertificatesMeter =
  (shown: () => readonly ShownCertificate[], now: () => number): Meter =>
  () =>
    Object.fromEntries(
      shown().map(({ host, validUntil }) => [certificateSeriesName(host), round2((validUntil - now()) / DAY_MS)]),
    );
