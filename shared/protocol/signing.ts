import { createPublicKey, type KeyObject, sign as signBytes, verify as verifyBytes } from "node:crypto";
import { Problem } from "../problem.ts";
import { type SignedStatement, type StatementKind, signedBytes } from "./statement.ts";

/** Raw Ed25519 public key in base64url (`x` of RFC 8037) of either half of a key pair. */
export function rawPublicKey(key: KeyObject): string {
  const { x } = (key.type === "private" ? createPublicKey(key) : key).export({ format: "jwk" });
  if (x !== undefined && key.asymmetricKeyType === "ed25519") return x;
  throw new Problem("internal", `expected an Ed25519 key, got ${key.asymmetricKeyType}`);
}

/** The key object of a raw public key. @throws {Problem} `invalid_input` when it is not 32 bytes in base64url. */
export function publicKeyOf(raw: string): KeyObject {
  try {
    return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: raw }, format: "jwk" });
  } catch (cause) {
    throw new Problem("invalid_input", "a public key is not a raw Ed25519 key in base64url", { cause });
  }
}

/**
 * Signs a statement (Ed25519, RFC 8032: equal arguments give equal signatures). `payload` becomes its JSON text.
 * @param key Id of the key: of the hub's keys as in `Enrolment.commandKeys`; of an agent's key the id of its beacon.
 */
export function sign(kind: StatementKind, payload: unknown, privateKey: KeyObject, key: string): SignedStatement {
  const text = JSON.stringify(payload);
  const signature = signBytes(null, Buffer.from(signedBytes(kind, text)), privateKey).toString("base64url");
  return { payload: text, signature, key };
}

/**
 * Checks a signature and gives the text under it, which is not parsed yet.
 * @param keys Raw public keys by key id: all that may sign statements of this kind.
 * @throws {Problem} `signature_invalid`
 */
export function verify(
  kind: StatementKind,
  statement: SignedStatement,
  keys: Readonly<Record<string, string>>,
): string {
  const raw = Object.hasOwn(keys, statement.key) ? keys[statement.key] : undefined;
  if (raw === undefined) {
    throw new Problem("signature_invalid", `a ${kind} statement is signed with a key that is not known`, {
      details: { key: statement.key },
      hint: "If the hub's keys were changed, enrol the agent again.",
    });
  }
  const signature = Buffer.from(statement.signature, "base64url");
  if (verifyBytes(null, Buffer.from(signedBytes(kind, statement.payload)), publicKeyOf(raw), signature)) {
    return statement.payload;
  }
  throw new Problem("signature_invalid", `the signature of a ${kind} statement does not hold`, {
    details: { key: statement.key },
  });
}
