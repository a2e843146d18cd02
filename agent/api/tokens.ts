import { errors, jwtVerify } from "jose";
import { BeaconClaims } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import type { HubKeys } from "./hub-keys.ts";

/** How far the clocks of hub and beacon may differ. */
const CLOCK_TOLERANCE_SECONDS = 60;

/** Reads a token that the hub made for a person and this beacon. @throws {Problem} `not_signed_in` that says what is wrong with it */
export type VerifyToken = (token: string) => Promise<BeaconClaims>;

export interface TokenOptions {
  readonly keys: HubKeys;
  /** Origin of the hub, which must have issued the token. */
  readonly hub: string;
  /** Id of the beacon, which the token must be for. */
  readonly beacon: string;
  /** The hub's clock as far as it is known. */
  readonly now: () => number;
}

export const createVerifyToken =
  ({ keys, hub, beacon, now }: TokenOptions): VerifyToken =>
  async (token) => {
    try {
      const { payload } = await jwtVerify(
        token,
        async ({ kid }) => {
          const key = kid === undefined ? undefined : await keys.find(kid);
          if (key !== undefined) return key;
          throw new Problem("not_signed_in", "the token is signed with a key that this beacon does not know", {
            hint: "Open this beacon from the hub once more. If the hub is away, wait until it is back.",
          });
        },
        {
          // One algorithm under its two registered names (RFC 8037, RFC 9864).
          algorithms: ["EdDSA", "Ed25519"],
          audience: beacon,
          issuer: hub,
          requiredClaims: ["exp", "sub"],
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          currentDate: new Date(now()),
        },
      );
      const claims = BeaconClaims.safeParse(payload);
      if (claims.success) return claims.data;
      throw new Problem("not_signed_in", "the token does not say who it is for");
    } catch (error) {
      if (error instanceof errors.JOSEError) throw refusal(error);
      throw error;
    }
  };

const HINT = "Open this beacon from the hub once more.";

function refusal(cause: errors.JOSEError): Problem {
  if (cause instanceof errors.JWTExpired) {
    return new Problem("not_signed_in", "the token has expired", { hint: HINT, cause });
  }
  if (cause instanceof errors.JWTClaimValidationFailed) {
    return new Problem("not_signed_in", `the token is not for this beacon: its ${cause.claim} is another`, {
      hint: HINT,
      cause,
    });
  }
  return new Problem("not_signed_in", "the token is not valid", { hint: HINT, cause });
}
