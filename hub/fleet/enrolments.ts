import { createHash, randomBytes } from "node:crypto";
import type { Enrolment, EnrolmentRequest } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import type { SigningKey } from "../keys.ts";
import type { Audit } from "../store/audit.ts";
import type { Beacon, BeaconStore } from "../store/beacons.ts";
import type { EnrolmentTokenStore } from "../store/enrolment-tokens.ts";

/** How long a token is good for (SPEC P5). */
export const TOKEN_TTL_MS = 3_600_000;

/** How an agent becomes a beacon's agent: a one-time token against its public key. */
export interface Enrolments {
  /** A fresh one-time token, good for an hour; earlier unused tokens of that beacon die. */
  issue(beacon: string): Promise<string>;
  /**
   * The same key may ask again with the same token, in case it never got the answer.
   * @throws {Problem} `enrolment_token_unknown`, `enrolment_token_used`, `enrolment_token_expired`
   */
  redeem(request: EnrolmentRequest): Promise<Enrolment>;
}

export interface EnrolmentParts {
  readonly tokens: EnrolmentTokenStore;
  readonly beacons: BeaconStore;
  readonly audit: Audit;
  readonly commandKey: SigningKey;
  readonly now: () => number;
  /** Told after an agent got its identity. */
  readonly onEnrolled: (beacon: string) => void;
}

export function createEnrolments({ tokens, beacons, audit, commandKey, now, onEnrolled }: EnrolmentParts): Enrolments {
  const enrolmentOf = (beacon: Beacon): Enrolment => ({
    beacon: beacon.id,
    name: beacon.name,
    domain: beacon.domain,
    owner: beacon.email,
    commandKeys: { [commandKey.id]: commandKey.publicKey },
  });

  return {
    issue: async (beacon) => {
      const token = randomBytes(32).toString("base64url");
      await tokens.replace({ hash: hashOfToken(token), beacon, expiresAt: now() + TOKEN_TTL_MS });
      return token;
    },

    redeem: async ({ token, publicKey, agentVersion, hostname }) => {
      const hash = hashOfToken(token);
      const known = await tokens.get(hash);
      const beacon = known === undefined ? undefined : await beacons.get(known.beacon);
      if (known === undefined || beacon === undefined) throw unknownToken();
      if (known.usedBy === publicKey && beacon.publicKey === publicKey) return enrolmentOf(beacon);
      if (known.usedBy !== undefined) throw usedToken();
      if (known.expiresAt <= now()) throw expiredToken();
      if (!(await tokens.use(hash, { publicKey, agentVersion }))) throw usedToken();
      await audit.write({
        actor: "agent",
        action: "beacon.enrol",
        subject: beacon.id,
        details: { publicKey, agentVersion, hostname },
      });
      onEnrolled(beacon.id);
      return enrolmentOf(beacon);
    },
  };
}

const hashOfToken = (token: string) => createHash("sha256").update(token).digest("hex");

const NEW_TOKEN = "Have the hub make a new token and enrol again.";
const unknownToken = () =>
  new Problem("enrolment_token_unknown", "this enrolment token is not known", { hint: NEW_TOKEN });
const usedToken = () =>
  new Problem("enrolment_token_used", "this enrolment token was used by another agent", {
    hint: `If that was not you, remove the beacon. ${NEW_TOKEN}`,
  });
const expiredToken = () =>
  new Problem("enrolment_token_expired", "this enrolment token has expired", { hint: NEW_TOKEN });
