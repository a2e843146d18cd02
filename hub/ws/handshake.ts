import { randomBytes } from "node:crypto";
import { Problem, parseOr } from "#shared/problem.ts";
import type { AgentFrame } from "#shared/protocol/frames.ts";
import { verify } from "#shared/protocol/signing.ts";
import { HelloStatement, type SignedStatement, type WelcomeStatement } from "#shared/protocol/statement.ts";
import { KEYS_FOLLOW_SINCE, OLDEST_PROTOCOL, PROTOCOL } from "#shared/protocol/version.ts";
import type { PublicKeys, Signer } from "../signer/signer.ts";
import type { Beacon, BeaconStore } from "../store/beacons.ts";

export interface HandshakeParts {
  readonly beacons: Pick<BeaconStore, "get" | "promoteKey" | "revokedKeys">;
  readonly signer: Pick<Signer, "sign" | "keys">;
  /** Origin of the hub. An agent that dialled another one is being relayed. */
  readonly origin: string;
  readonly now: () => number;
}

type Hello = Extract<AgentFrame, { type: "hello" }>;

export interface Accepted {
  readonly beacon: Beacon;
  readonly welcome: SignedStatement;
  /** How the hub's keys came to be that this agent does not know yet; to be said before the welcome. */
  readonly keys: readonly SignedStatement[];
}

export interface Handshake {
  readonly challenge: { readonly nonce: string; readonly protocol: number; readonly oldestProtocol: number };
  /** @throws {Problem} `protocol_unsupported`, `key_refused`, `beacon_revoked`, `unavailable` while nobody signs */
  accept(hello: Hello): Promise<Accepted>;
}

/** One connection's proof: the agent signs the hub's nonce, the hub signs the agent's. */
export function createHandshake({ beacons, signer, origin, now }: HandshakeParts): Handshake {
  const nonce = randomBytes(24).toString("base64url");

  /** @throws {Problem} `key_refused`, `beacon_revoked` */
  const identify = async ({ statement }: Hello) => {
    const beacon = await beacons.get(statement.key);
    for (const publicKey of [beacon?.publicKey, beacon?.nextPublicKey]) {
      const said = publicKey === undefined ? undefined : readHello(statement, publicKey);
      if (beacon !== undefined && publicKey !== undefined && said !== undefined) return { beacon, publicKey, said };
    }
    const revoked = await beacons.revokedKeys(statement.key);
    if (revoked.some((key) => readHello(statement, key) !== undefined)) throw shutOut();
    throw refused(
      beacon?.publicKey === undefined
        ? "the beacon is not known here, or its agent is not enrolled"
        : "its statement does not hold",
    );
  };

  return {
    challenge: { nonce, protocol: PROTOCOL, oldestProtocol: OLDEST_PROTOCOL },
    accept: async (hello) => {
      assertProtocol(hello.protocol);
      const { beacon, publicKey, said } = await identify(hello);
      if (said.beacon !== beacon.id) throw refused("the statement is of another beacon");
      if (said.challenge !== nonce) throw refused("the statement answers another challenge");
      if (said.hub !== origin) throw refused(`the agent dialled ${said.hub}, and this hub is ${origin}`);
      const welcome: WelcomeStatement = {
        beacon: beacon.id,
        nonce: said.nonce,
        protocol: Math.min(PROTOCOL, hello.protocol),
        time: now(),
      };
      const keys = hello.protocol < KEYS_FOLLOW_SINCE ? [] : unknownTo(hello.hubKeys ?? [], await signer.keys());
      const signed = await signer.sign("welcome", welcome);
      if (publicKey === beacon.nextPublicKey) {
        const details = { publicKey, before: beacon.publicKey };
        const line = { actor: "agent", action: "beacon.new-key", subject: beacon.id, details };
        await beacons.promoteKey(beacon.id, publicKey, line);
      }
      return { beacon, welcome: signed, keys };
    },
  };
}

/** What comes after the newest key that the agent knows. */
function unknownTo(known: readonly string[], { successions }: PublicKeys): SignedStatement[] {
  const newest = successions.findLastIndex(({ key }) => known.includes(key));
  return successions.slice(newest + 1).map(({ statement }) => statement);
}

function assertProtocol(protocol: number): void {
  if (protocol >= OLDEST_PROTOCOL && protocol <= PROTOCOL) return;
  const hint = protocol < OLDEST_PROTOCOL ? "Update the agent." : "Update the hub, or install the agent it serves.";
  throw new Problem(
    "protocol_unsupported",
    `the agent speaks protocol ${protocol}, this hub ${OLDEST_PROTOCOL} to ${PROTOCOL}`,
    { hint },
  );
}

/** What a statement says; `undefined` when it does not hold under this key. */
function readHello(statement: SignedStatement, publicKey: string): HelloStatement | undefined {
  try {
    const text = verify("hello", statement, { [statement.key]: publicKey });
    return parseOr(HelloStatement, JSON.parse(text), "the agent's statement");
  } catch (thrown) {
    if (thrown instanceof Problem) return undefined;
    throw thrown;
  }
}

const refused = (why: string) =>
  new Problem("key_refused", `the agent could not prove that it is this beacon's: ${why}`, {
    hint: "If the beacon is yours, have the hub make a new enrolment token and enrol again.",
  });

const shutOut = () =>
  new Problem("beacon_revoked", "the hub has shut this beacon's agent out", {
    hint: "What runs on the beacon goes on. The operator of the hub can make a new enrolment token for it.",
  });
