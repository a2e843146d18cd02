import { errors, jwtVerify } from "jose";
import { z } from "zod";
import { BeaconClaims, VISIT } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import type { People } from "../trust/people.ts";
import type { SpentTokens } from "../trust/spent-tokens.ts";
import type { HubKeys } from "./hub-keys.ts";

/** How far the clocks of hub and beacon may differ. */
const CLOCK_TOLERANCE_SECONDS = 60;

/** Times are in seconds since the epoch (RFC 7519, section 2). */
const Claims = BeaconClaims.extend({
  jti: z.string().min(1).optional(),
  iat: z.number(),
  exp: z.number(),
  use: z.string().optional(),
});
type Claims = z.output<typeof Claims>;

/** Reads a token that the hub made for a person and this beacon. @throws {Problem} `not_signed_in` that says what is wrong with it */
export type VerifyToken = (token: string) => Promise<BeaconClaims>;

export interface TokenOptions {
  readonly keys: HubKeys;
  /** Origin of the hub, which must have issued the token. */
  readonly hub: string;
  /** Id of the beacon, which the token must be for. */
  readonly beacon: string;
  readonly people: Pick<People, "isRevoked">;
  readonly spent: SpentTokens;
  /** The hub's clock as far as it is known. */
  readonly now: () => number;
}

export function createVerifyToken({ keys, hub, beacon, people, spent, now }: TokenOptions): VerifyToken {
  /** @throws {Problem} `not_signed_in` */
  const admit = ({ jti, iat, exp, use, ...person }: Claims): BeaconClaims => {
    if (people.isRevoked(person.sub, iat * 1000)) {
      throw new Problem("not_signed_in", "the hub has ended this person's sessions", { hint: HINT });
    }
    // Last: what is refused for another reason is not used up.
    if (use !== VISIT || (jti !== undefined && spent.spend(jti, exp * 1000))) return person;
    throw new Problem("not_signed_in", "the token was used already", { hint: HINT });
  };

  return async (token) => {
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
          requiredClaims: ["exp", "iat", "sub"],
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          currentDate: new Date(now()),
        },
      );
      const claims = Claims.safeParse(payload);
      if (claims.success) return admit(claims.data);
      throw new Problem("not_signed_in", "the token does not say who it is for");
    } catch (error) {
      if (error instanceof errors.JOSEError) throw refusal(error);
      throw error;
    }
  };
}

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
