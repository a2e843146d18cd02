import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { rawPublicKey } from "#shared/protocol/signing.ts";

/** Says of a release that it is ours. */
export interface ReleaseKey {
  /** Raw Ed25519 key in base64url, as hubs and servers are told. */
  readonly publicKey: string;
  sign(text: Buffer): Buffer;
}

/** Reads a private key in PEM, or makes it where there is none, for root or its owner alone. */
export function openReleaseKey(file: string): ReleaseKey {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    const made = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" });
    writeFileSync(file, made, { mode: 0o600, flag: "wx" });
  }
  const key = createPrivateKey(readFileSync(file));
  return { publicKey: rawPublicKey(key), sign: (text) => sign(null, text, key) };
}
