import { randomBytes } from "node:crypto";
import { Problem, parseOr } from "#shared/problem.ts";
import type { AgentFrame } from "#shared/protocol/frames.ts";
import { sign, verify } from "#shared/protocol/signing.ts";
import { HelloStatement, type SignedStatement, type WelcomeStatement } from "#shared/protocol/statement.ts";
import { OLDEST_PROTOCOL, PROTOCOL } from "#shared/protocol/version.ts";
import type { SigningKey } from "../keys.ts";
import type { Beacon, BeaconStore } from "../store/beacons.ts";

export interface HandshakeParts {
  readonly beacons: BeaconStore;
  readonly key: SigningKey;
  /** Origin of the hub. An agent that dialled another one is being relayed. */
  readonly origin: string;
  readonly now: () => number;
}

type Hello = Extract<AgentFrame, { type: "hello" }>;

export interface Handshake {
  readonly challenge: { readonly nonce: string; readonly protocol: number; readonly oldestProtocol: number };
  /** @throws {Problem} `protocol_unsupported`, `key_refused` */
  accept(hello: Hello): Promise<{ readonly beacon: Beacon; readonly welcome: SignedStatement }>;
}

/** One connection's proof: the agent signs the hub's nonce, the hub signs the agent's. */
export function createHandshake({ beacons, key, origin, now }: HandshakeParts): Handshake {
  const nonce = randomBytes(24).toString("base64url");
  return {
    challenge: { nonce, protocol: PROTOCOL, oldestProtocol: OLDEST_PROTOCOL },
    accept: async (hello) => {
      assertProtocol(hello.protocol);
      const beacon = await beacons.get(hello.statement.key);
      if (beacon?.publicKey === undefined) throw refused("the beacon is not known here, or its agent is not enrolled");
      const said = readHello(hello.statement, { [beacon.id]: beacon.publicKey });
      if (said.beacon !== beacon.id) throw refused("the statement is of another beacon");
      if (said.challenge !== nonce) throw refused("the statement answers another challenge");
      if (said.hub !== origin) throw refused(`the agent dialled ${said.hub}, and this hub is ${origin}`);
      const welcome: WelcomeStatement = {
        beacon: beacon.id,
        nonce: said.nonce,
        protocol: Math.min(PROTOCOL, hello.protocol),
        time: now(),
      };
      return { beacon, welcome: sign("welcome", welcome, key.privateKey, key.id) };
    },
  };
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

function readHello(statement: SignedStatement, keys: Readonly<Record<string, string>>): HelloStatement {
  try {
    return parseOr(HelloStatement, JSON.parse(verify("hello", statement, keys)), "the agent's statement");
  } catch (cause) {
    throw refused("its statement does not hold", cause);
  }
}

const refused = (why: string, cause?: unknown) =>
  new Problem("key_refused", `the agent could not prove that it is this beacon's: ${why}`, {
    hint: "If the beacon is yours, have the hub make a new enrolment token and enrol again.",
    cause,
  });
