import { createHash, randomBytes } from "node:crypto";
import type { Enrolment, EnrolmentRequest } from "#shared/api/hub.ts";
import { Problem, type ProblemBody } from "#shared/problem.ts";
import type { Signer } from "../signer/signer.ts";
import type { AuditLine } from "../store/audit.ts";
import type { Beacon, BeaconStore } from "../store/beacons.ts";
import type { EnrolmentToken, EnrolmentTokenStore } from "../store/enrolment-tokens.ts";
import { assertBound, type Binding } from "./enrolment-binding.ts";

/** How long a token is good for (SPEC P5). */
export const TOKEN_TTL_MS = 3_600_000;

/** How an agent becomes a beacon's agent: a one-time token against its public key. */
export interface Enrolments {
  /**
   * A fresh one-time token, good for an hour; earlier unused tokens of that beacon die.
   * @param binding The server that it is for; any when absent.
   * @param line Tells of it, where somebody asked for it.
   */
  issue(beacon: string, binding?: Binding, line?: AuditLine): Promise<string>;
  /** Whether there was ever one for this beacon, as long as its agent is not shut out. */
  wasIssued(beacon: string): Promise<boolean>;
  /** The provider has told more of the server for which there is an unused token. */
  expect(beacon: string, told: Partial<Omit<Binding, "awaits">>): Promise<void>;
  /** Why the last agent was refused that came with the unused token. */
  refusal(beacon: string): Promise<ProblemBody | undefined>;
  /**
   * The same key may ask again with the same token, in case it never got the answer. A beacon that has an agent keeps it until
   * the new one proves its key on a link.
   * @param address Source of the request.
   * @throws {Problem} `enrolment_token_unknown`, `enrolment_token_used`, `enrolment_token_expired`, `enrolment_elsewhere`,
   * `beacon_revoked` for a key that was shut out, `unavailable` when it is too early
   */
  redeem(request: EnrolmentRequest, address: string): Promise<Enrolment>;
}

export interface EnrolmentParts {
  readonly tokens: EnrolmentTokenStore;
  readonly beacons: Pick<BeaconStore, "get" | "isRevoked">;
  readonly signer: Pick<Signer, "keys">;
  readonly now: () => number;
  /** Told after an agent got its identity. */
  readonly onEnrolled: (beacon: string) => void;
  /** Told after another server than the one that was bought was refused. */
  readonly onRefused: (beacon: string) => void;
}

export function createEnrolments(parts: EnrolmentParts): Enrolments {
  const { tokens, beacons, signer, now, onEnrolled, onRefused } = parts;
  const enrolmentOf = async (beacon: Beacon): Promise<Enrolment> => ({
    beacon: beacon.id,
    name: beacon.name,
    domain: beacon.domain,
    owner: beacon.email,
    commandKeys: { ...(await signer.keys()).keys },
  });

  /** Writes down who came with a token that is not for them; the same again is not news. */
  const tellRefusal = async (hash: string, known: EnrolmentToken, problem: Problem, hostname: string) => {
    if (problem.code !== "enrolment_elsewhere" || known.refusal?.message === problem.message) return;
    const details = { problem: problem.message, hostname };
    const line = { actor: "agent", action: "beacon.enrol-refused", subject: known.beacon, details };
    await tokens.refuse(hash, problem.toJSON(), line);
    onRefused(known.beacon);
  };

  return {
    issue: async (beacon, binding, line) => {
      const token = randomBytes(32).toString("base64url");
      await tokens.replace({ hash: hashOfToken(token), beacon, expiresAt: now() + TOKEN_TTL_MS, binding }, line);
      return token;
    },
    wasIssued: tokens.hasAny,
    expect: tokens.bind,
    refusal: tokens.refusal,

    redeem: async ({ token, publicKey, agentVersion, hostname, instanceId }, address) => {
      const hash = hashOfToken(token);
      const known = await tokens.get(hash);
      const beacon = known === undefined ? undefined : await beacons.get(known.beacon);
      if (known === undefined || beacon === undefined) throw unknownToken();
      const isIts = beacon.publicKey === publicKey || beacon.nextPublicKey === publicKey;
      if (known.usedBy === publicKey && isIts) return enrolmentOf(beacon);
      if (known.usedBy !== undefined) throw usedToken();
      if (known.expiresAt <= now()) throw expiredToken();
      if (await beacons.isRevoked(publicKey)) throw revokedKey();
      try {
        if (known.binding !== undefined) assertBound(known.binding, { instanceId, address });
      } catch (thrown) {
        await tellRefusal(hash, known, Problem.wrap(thrown), hostname);
        throw thrown;
      }
      // Asked for before the token is used up: it may be unavailable.
      const enrolment = await enrolmentOf(beacon);
      const details = {
        publicKey,
        agentVersion,
        hostname,
        address,
        ...(instanceId === undefined ? {} : { instanceId }),
      };
      const line = { actor: "agent", action: "beacon.enrol", subject: beacon.id, details };
      if (!(await tokens.use(hash, { publicKey, agentVersion }, line))) throw usedToken();
      onEnrolled(beacon.id);
      return enrolment;
    },
  };
}

const hashOfToken = (token: string) => createHash("sha256").update(token).digest("hex");

const NEW_TOKEN = "Have the hub make a new token and enrol again.";
const unknownToken = () =>
  new Problem("enrolment_token_unknown", "this enrolment token is not known", { hint: NEW_TOKEN });
const usedToken = () =>
  new Problem("enrolment_token_used", "this enrolment token was used by another agent", {
    hint: `If that was not you, shut the beacon's agent out. ${NEW_TOKEN}`,
  });
const expiredToken = () =>
  new Problem("enrolment_token_expired", "this enrolment token has expired", { hint: NEW_TOKEN });
const revokedKey = () =>
  new Problem("beacon_revoked", "an agent with this key was shut out by the hub", {
    hint: "Enrol with a new key: remove agent.key from the data folder of the agent.",
  });
