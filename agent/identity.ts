import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { Problem } from "#shared/problem.ts";
import { rawPublicKey, sign } from "#shared/protocol/signing.ts";
import type { RotateStatement, SignedStatement, StatementKind } from "#shared/protocol/statement.ts";
import { putDurableFile, renameDurably } from "./durable-file.ts";

/** The agent's own key, and the one that is to follow it: the private halves stay in here. */
export interface Identity {
  /** Raw Ed25519 key in base64url. */
  readonly publicKey: () => string;
  /** When the key was made, in milliseconds since the epoch. */
  readonly madeAt: () => number;
  /** @param beacon Id of the beacon, under which the hub knows the key. */
  readonly sign: (kind: StatementKind, payload: unknown, beacon: string) => SignedStatement;
  /** Makes the key that is to follow, unless there is one. @returns its public half */
  readonly prepare: () => string;
  readonly isPrepared: () => boolean;
  /** What names the prepared key to the hub: said under the present one, and under itself. */
  readonly succession: (beacon: string) => { readonly statement: SignedStatement; readonly proof: SignedStatement };
  /** The prepared key takes the present one's place, on disk when it returns. */
  readonly promote: () => void;
  /** Removes the keys: whoever has left the hub needs none. */
  readonly forget: () => void;
}

/**
 * Opens the key file (PKCS #8 in PEM), which is made when it is not there; the key that is to follow lies beside it.
 * @throws {Problem} `internal` when a file is there and cannot be read: a new key would lose the beacon.
 */
export function openIdentity(file: string): Identity {
  const nextFile = `${file}.next`;
  let privateKey = readKey(file) ?? createKey(file);
  let next = readKey(nextFile);

  const prepared = (): KeyObject => {
    next ??= createKey(nextFile);
    return next;
  };
  return {
    publicKey: () => rawPublicKey(privateKey),
    madeAt: () => Math.round(statSync(file).mtimeMs),
    sign: (kind, payload, beacon) => sign(kind, payload, privateKey, beacon),
    prepare: () => rawPublicKey(prepared()),
    isPrepared: () => next !== undefined,
    succession: (beacon) => {
      const said: RotateStatement = { beacon, publicKey: rawPublicKey(prepared()) };
      return {
        statement: sign("rotate", said, privateKey, beacon),
        proof: sign("rotate", said, prepared(), beacon),
      };
    },
    promote: () => {
      if (next === undefined) return;
      renameDurably(nextFile, file);
      privateKey = next;
      next = undefined;
    },
    forget: () => {
      rmSync(nextFile, { force: true });
      rmSync(file, { force: true });
    },
  };
}

function readKey(file: string): KeyObject | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return createPrivateKey(readFileSync(file));
  } catch (cause) {
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
