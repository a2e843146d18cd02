import type { KeysView } from "#shared/api/trust.ts";
import { Problem, parseOr } from "#shared/problem.ts";
import type { AgentFrame, UnsentHubFrame } from "#shared/protocol/frames.ts";
import { verify } from "#shared/protocol/signing.ts";
import { RotateStatement, type SignedStatement } from "#shared/protocol/statement.ts";
import { KEYS_FOLLOW_SINCE } from "#shared/protocol/version.ts";
import type { Enrolments } from "../fleet/enrolments.ts";
import { TOKEN_TTL_MS } from "../fleet/enrolments.ts";
import type { Signer } from "../signer/signer.ts";
import type { Audit } from "../store/audit.ts";
import type { Beacon, BeaconStore } from "../store/beacons.ts";
import type { Departures } from "./departures.ts";
import { keysView } from "./keys-view.ts";
import type { People } from "./people.ts";

export interface TrustParts {
  readonly beacons: BeaconStore;
  readonly enrolments: Pick<Enrolments, "issue">;
  readonly links: {
    revoke(beacon: string): void;
    broadcast(frame: UnsentHubFrame, protocol: number): void;
    oldestProtocol(): number | undefined;
  };
  readonly signer: Signer;
  readonly people: Pick<People, "connected">;
  readonly departures: Pick<Departures, "connected">;
  readonly audit: Pick<Audit, "write">;
  /** Tells those who look that something about a beacon changed. */
  readonly announce: (beacon: string) => void;
  readonly now: () => number;
}

/** Who may speak for a beacon, and under which keys the hub speaks. */
export interface Trust {
  /** Ends the link at once and lets the agent in no more. What runs on the beacon goes on. */
  revoke(beacon: Beacon, actor: string): Promise<void>;
  /** A token for another agent of a beacon; the present one counts until the new one has proved itself. */
  reissue(beacon: Beacon, actor: string): Promise<{ readonly token: string; readonly expiresAt: number }>;
  /** The agent names the key that is to follow its present one. @throws {Problem} `signature_invalid` */
  rotate(beacon: string, frame: Extract<AgentFrame, { type: "rotate" }>): Promise<void>;
  /** An agent is being welcomed: tells it of a key that was added while it proved itself. */
  attached(protocol: number, link: { send(frame: UnsentHubFrame): unknown }): void;
  /** A beacon is there: tells it what it has to know. */
  connected(beacon: string): Promise<void>;
  /** Which key signs what beacons do, and those before it. @throws {Problem} `unavailable` while the signer is away */
  signingKeys(): Promise<KeysView>;
  /** Has another key sign what beacons do. @throws {Problem} `conflict` while an agent is there that would not understand */
  rotateSigningKey(actor: string): Promise<string>;
}

export function createTrust(parts: TrustParts): Trust {
  const { beacons, enrolments, links, signer, audit, announce, now } = parts;
  let announced: UnsentHubFrame | undefined;
  return {
    attached: (protocol, link) => {
      if (announced !== undefined && protocol >= KEYS_FOLLOW_SINCE) link.send(announced);
    },
    revoke: async ({ id, name }, actor) => {
      await beacons.revoke(id, { actor, action: "beacon.revoke", subject: id, details: { name } });
      links.revoke(id);
      announce(id);
    },

    reissue: async ({ id, name }, actor) => {
      const line = { actor, action: "beacon.reissue", subject: id, details: { name } };
      const token = await enrolments.issue(id, undefined, line);
      return { token, expiresAt: now() + TOKEN_TTL_MS };
    },

    rotate: async (id, { statement, proof }) => {
      const beacon = await beacons.get(id);
      if (beacon?.publicKey === undefined) return;
      const named = readRotation(statement, beacon.id, beacon.publicKey);
      readRotation(proof, beacon.id, named);
      if (named === beacon.publicKey || named === beacon.nextPublicKey) return;
      const details = { publicKey: named };
      await beacons.announceKey(id, named, { actor: "agent", action: "beacon.announce-key", subject: id, details });
    },

    connected: async (beacon) => {
      await parts.people.connected(beacon);
      await parts.departures.connected(beacon);
    },

    signingKeys: async () => {
      const { active, keys, successions } = await signer.keys();
      return keysView({ active, ids: Object.keys(keys), successions });
    },

    rotateSigningKey: async (actor) => {
      const oldest = links.oldestProtocol();
      if (oldest !== undefined && oldest < KEYS_FOLLOW_SINCE) {
        throw new Problem(
          "conflict",
          `an agent that is connected speaks protocol ${oldest} and would not know the new key`,
          {
            hint: "Update the agents first.",
          },
        );
      }
      const { successions } = await signer.prepare();
      // Before anything is signed with it: the link keeps the order.
      const statements = successions.slice(-1).map(({ statement }) => statement);
      announced = { type: "keys", statements };
      links.broadcast(announced, KEYS_FOLLOW_SINCE);
      const { active } = await signer.activate();
      await audit.write({ actor, action: "hub.rotate-key", subject: active });
      return active;
    },
  };
}

/** The key that a statement names, if it holds. @throws {Problem} `signature_invalid`, `invalid_frame` */
function readRotation(statement: SignedStatement, beacon: string, publicKey: string): string {
  const text = verify("rotate", { ...statement, key: beacon }, { [beacon]: publicKey });
  const said = parseOr(RotateStatement, JSON.parse(text), "the agent's new key", "invalid_frame");
  if (said.beacon === beacon) return said.publicKey;
  throw new Problem("signature_invalid", "the new key is for another beacon");
}
