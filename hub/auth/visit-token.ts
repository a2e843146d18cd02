import { SignJWT } from "jose";
import { type BeaconClaims, VISIT } from "#shared/api/hub.ts";
import type { NewId } from "../id.ts";
import type { SigningKey } from "../key-ring.ts";

const TOKEN_TTL_MS = 300_000;

export interface VisitTokenParts {
  /** The one that signs now. */
  readonly key: () => SigningKey;
  /** Origin of the hub: `iss` of the token. */
  readonly origin: string;
  readonly now: () => number;
  readonly newId: NewId;
}

/** Signs the token with which one person reaches one beacon, good once within five minutes (RFC 7519, EdDSA of RFC 8037). */
export type SignVisitToken = (beacon: string, claims: BeaconClaims) => Promise<string>;

export const createVisitTokens =
  ({ key, origin, now, newId }: VisitTokenParts): SignVisitToken =>
  (beacon, { sub, email, role }) => {
    const issuedAt = Math.floor(now() / 1000);
    const { id, privateKey } = key();
    return new SignJWT({ email, role, use: VISIT })
      .setProtectedHeader({ alg: "EdDSA", kid: id, typ: "JWT" })
      .setSubject(sub)
      .setIssuer(origin)
      .setAudience(beacon)
      .setJti(newId("visit"))
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + TOKEN_TTL_MS / 1000)
      .sign(privateKey);
  };

/** The public halves of the keys that sign tokens (RFC 7517). The keys that sign commands are not among them. */
export const jwksOf = (keys: readonly SigningKey[]) => ({
  keys: keys.map(({ id, publicKey }) => ({
    kty: "OKP",
    crv: "Ed25519",
    x: publicKey,
    kid: id,
    alg: "EdDSA",
    use: "sig",
  })),
});
