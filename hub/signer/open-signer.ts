import type { HubConfig } from "../config.ts";
import { openKeyRing } from "../key-ring.ts";
import { commandKeyRing } from "./command-keys.ts";
import { createRemoteSigner } from "./remote.ts";
import { createSigner } from "./signer.ts";

/** Whoever holds the key that commands beacons: this process, or another one of which only the socket is known. */
export function openSigner(
  { dataDirectory, signerSocket }: Pick<HubConfig, "dataDirectory" | "signerSocket">,
  now: () => number,
) {
  if (signerSocket !== undefined) return createRemoteSigner(signerSocket);
  return { ...createSigner(openKeyRing(commandKeyRing(dataDirectory, now))), close: () => undefined };
}
