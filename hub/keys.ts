import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { Problem, parseOr } from "#shared/problem.ts";
import { rawPublicKey } from "#shared/protocol/signing.ts";
import { SEALING_KEY_BYTES } from "#shared/sealing.ts";

/** An Ed25519 key pair with the id under which others know it. */
export interface SigningKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  /** Raw public key in base64url (RFC 8037 `x`). */
  readonly publicKey: string;
}

export interface Keys {
  /** Signs what beacons do. Its public half goes to agents alone, when they enrol. */
  readonly command: SigningKey;
  /** Signs the tokens with which people reach beacons. Its public half is in the JWKS. */
  readonly jwt: SigningKey;
  /** Secret of the sessions. */
  readonly session: string;
  /** Seals what the database keeps of the secrets of others. */
  readonly sealing: Uint8Array;
}

const KeyFile = z.strictObject({ id: z.string().min(1).max(128), privateKey: z.string() });

/**
 * Reads the hub's keys; makes those that are not there yet. Each lives in a file of its own that only the hub's user
 * may read, so that a copy of the database commands no beacon.
 * @throws {Problem} `invalid_input` for a file that holds no such key.
 */
export const openKeys = (directory: string): Keys => ({
  command: openSigningKey(join(directory, "command-key.json"), "command"),
  jwt: openSigningKey(join(directory, "jwt-key.json"), "jwt"),
  session: readOrMake(join(directory, "session-secret"), () => randomBytes(32).toString("base64url")),
  sealing: Buffer.from(
    readOrMake(join(directory, "sealing-key"), () => randomBytes(SEALING_KEY_BYTES).toString("base64url")),
    "base64url",
  ),
});

function openSigningKey(file: string, use: string): SigningKey {
  const text = readOrMake(file, () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    return JSON.stringify({
      id: `${use}_${randomUUID()}`,
      privateKey: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    });
  });
  try {
    const { id, privateKey: pem } = parseOr(KeyFile, JSON.parse(text), file);
    const privateKey = createPrivateKey(pem);
    return { id, privateKey, publicKey: rawPublicKey(privateKey) };
  } catch (cause) {
    throw new Problem("invalid_input", `${file} does not hold a key of the hub`, {
      hint: "Put it back from a backup. A new key would make every enrolled agent refuse this hub.",
      cause,
    });
  }
}

function readOrMake(file: string, make: () => string): string {
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
