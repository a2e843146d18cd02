import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { Problem } from "#shared/problem.ts";
import { rawPublicKey, sign } from "#shared/protocol/signing.ts";
import type { SignedStatement, StatementKind } from "#shared/protocol/statement.ts";
import { putDurableFile } from "./durable-file.ts";

/** The agent's own key: the private half stays in here. */
export interface Identity {
  /** Raw Ed25519 key in base64url. */
  readonly publicKey: string;
  /** @param beacon Id of the beacon, under which the hub knows the key. */
  readonly sign: (kind: StatementKind, payload: unknown, beacon: string) => SignedStatement;
}

/**
 * Reads the key file (PKCS #8 in PEM), or makes the key when there is none.
 * @throws {Problem} `internal` when the file is there and cannot be read: a new key would lose the beacon.
 */
export function openIdentity(file: string): Identity {
  const privateKey = readKey(file) ?? createKey(file);
  return {
    publicKey: rawPublicKey(privateKey),
    sign: (kind, payload, beacon) => sign(kind, payload, privateKey, beacon),
  };
}

function readKey(file: string): KeyObject | undefined {
  try {
    return createPrivateKey(readFileSync(file));
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new Problem("internal", `the agent's key ${file} cannot be read`, {
      hint: "Restore the file from a backup, or remove it and enrol this beacon anew.",
      cause,
    });
  }
}

function createKey(file: string): KeyObject {
  const { privateKey } = generateKeyPairSync("ed25519");
  putDurableFile(file, privateKey.export({ format: "pem", type: "pkcs8" }), 0o600);
  return privateKey;
}
