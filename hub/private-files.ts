import { randomBytes, randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { SEALING_KEY_BYTES } from "#shared/sealing.ts";

export interface Secrets {
  /** Secret of the sessions. */
  readonly session: string;
  /** Seals what the database keeps of the secrets of others. */
  readonly sealing: Uint8Array;
}

/** Reads the hub's secrets that are no key pairs; makes those that are not there yet. Only the hub's user may read the files. */
export const openSecrets = (directory: string): Secrets => ({
  session: readOrMake(join(directory, "session-secret"), () => randomBytes(32).toString("base64url")),
  sealing: Buffer.from(
    readOrMake(join(directory, "sealing-key"), () => randomBytes(SEALING_KEY_BYTES).toString("base64url")),
    "base64url",
  ),
});

/** The text of a private file, which is made first when it is not there. */
export function readOrMake(file: string, make: () => string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const text = make();
  writePrivateFile(file, text);
  return text;
}

const isMissing = (error: unknown) => error instanceof Error && "code" in error && error.code === "ENOENT";

/** Writes a file that only its owner may read (0600), whole or not at all, and still there after a power cut. */
export function writePrivateFile(file: string, text: string): void {
  const temporary = `${file}.${randomUUID()}.tmp`;
  const fd = openSync(temporary, "wx", 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, file);
  const folder = openSync(dirname(file), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
