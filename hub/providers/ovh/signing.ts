import { createHash } from "node:crypto";
import type { SignedParts } from "../../vendor-http.ts";

export interface OvhKeys {
  readonly applicationKey: string;
  readonly applicationSecret: string;
  readonly consumerKey: string;
}

/**
 * Headers of one request, with the signature that OVHcloud asks for: `$1$` and the SHA-1 of secret, consumer key, method, address, body and
 * time, joined by `+`. https://help.ovhcloud.com/csm/en-api-getting-started-ovhcloud-api
 * @param nowS Time of the vendor, in seconds since the epoch
 */
export function signed({ method, url, body }: SignedParts, keys: OvhKeys, nowS: number): Record<string, string> {
  const { applicationKey, applicationSecret, consumerKey } = keys;
  const text = [applicationSecret, consumerKey, method, url, body, nowS].join("+");
  return {
    "x-ovh-application": applicationKey,
    "x-ovh-consumer": consumerKey,
    "x-ovh-timestamp": String(nowS),
    "x-ovh-signature": `$1$${createHash("sha1").update(text).digest("hex")}`,
  };
}

/** Time as somebody else has it, asked for once: who is signed for must not depend on the clock of this machine. */
export function clockOf(ask: () => Promise<number>, now: () => number) {
  let aheadS: Promise<number> | undefined;
  const measure = async () => (await ask()) - Math.floor(now() / 1000);
  return {
    nowS: async () => {
      aheadS ??= measure().catch((error: unknown) => {
        aheadS = undefined;
        throw error;
      });
      return Math.floor(now() / 1000) + (await aheadS);
    },
    /** One of the clocks was set meanwhile. */
    forget: () => {
      aheadS = undefined;
    },
  };
}
