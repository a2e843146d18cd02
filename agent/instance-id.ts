import { readFileSync } from "node:fs";

/** Where cloud-init, which the images of providers come with, puts the provider's id of the server. */
const CLOUD_INIT = "/var/lib/cloud/data/instance-id";

/**
 * The provider's id of the server that this is, as cloud-init has left it
 * (https://docs.cloud-init.io/en/latest/explanation/boot.html, "First boot determination"); `undefined` where there is none.
 * @param given The one of the configuration, which goes first.
 */
export function readInstanceId(given: string | undefined, file = CLOUD_INIT): string | undefined {
  if (given !== undefined) return given;
  try {
    return readFileSync(file, "utf8").trim() || undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
