import { certificateVerdict, type HostCertificate } from "#shared/certificates.ts";
import { certificateSeriesName } from "#shared/metrics/sample.ts";
import { type Meter, round2 } from "./meter.ts";

const DAY_MS = 86_400_000;
/** Below this a certificate is worth a look, unless it never lasts so long. */
const SHORT_DAYS = 14;

/**
 * Days that each certificate is still valid; negative once it is not. One that is only ever given for days or hours is left out
 * until it ought to have been renewed.
 */
export const createCertificatesMeter =
  (certificates: () => readonly HostCertificate[], now: () => number): Meter =>
  () =>
    Object.fromEntries(
      certificates().flatMap((state) => {
        if (state.certificate === undefined) return [];
        const days = (state.certificate.notAfter - now()) / DAY_MS;
        if (days < SHORT_DAYS && certificateVerdict(state, now()) === "good") return [];
        return [[certificateSeriesName(state.host), round2(days)]];
      }),
    );
