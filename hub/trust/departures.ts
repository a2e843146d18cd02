import { Problem, parseOr } from "#shared/problem.ts";
import type { UnsentHubFrame } from "#shared/protocol/frames.ts";
import { verify } from "#shared/protocol/signing.ts";
import { GoodbyeStatement, type SignedStatement } from "#shared/protocol/statement.ts";
import { KEYS_FOLLOW_SINCE } from "#shared/protocol/version.ts";
import type { Signer } from "../signer/signer.ts";
import type { Beacon, BeaconStore } from "../store/beacons.ts";
import type { Depart } from "../store/departed.ts";

export interface DeparturesParts {
  readonly beacons: Pick<BeaconStore, "get" | "wantLeave">;
  readonly depart: Depart;
  readonly signer: Pick<Signer, "sign">;
  readonly links: {
    isOnline(beacon: string): boolean;
    send(beacon: string, frame: UnsentHubFrame): boolean;
    protocol(beacon: string): number;
    revoke(beacon: string): void;
  };
  readonly announce: (beacon: string) => void;
  /** Origin of the hub. */
  readonly origin: string;
}

/**
 * How a beacon leaves its hub: whoever asks for it, the agent detaches itself first and says goodbye, again and again until it is
 * answered; then the hub forgets. Either side may die in between and goes on where it was.
 */
export interface Departures {
  /** The owner wishes it. A beacon that is not there is told when it comes. @throws {Problem} `conflict` when its agent is too old */
  wish(beacon: Beacon, actor: string): Promise<void>;
  /** A beacon is there: tells it what its owner wishes. */
  connected(beacon: string): Promise<void>;
  /** The agent is detached. The same again changes nothing. @throws {Problem} `key_refused` */
  goodbye(statement: SignedStatement): Promise<void>;
}

export function createDepartures(parts: DeparturesParts): Departures {
  const { beacons, depart, signer, links, announce, origin } = parts;

  const connected = async (id: string) => {
    const leaving = (await beacons.get(id))?.leaving;
    if (leaving === undefined || links.protocol(id) < KEYS_FOLLOW_SINCE) return;
    const statement = await signer.sign("leave", { beacon: id, at: leaving.since, actor: leaving.actor.slice(0, 200) });
    links.send(id, { type: "leave", statement });
  };

  return {
    wish: async ({ id, name }, actor) => {
      if (links.isOnline(id) && links.protocol(id) < KEYS_FOLLOW_SINCE) {
        throw new Problem("conflict", `the agent of ${name} is too old to be detached from here`, {
          hint: "Update it first.",
        });
      }
      await beacons.wantLeave(id, actor, { actor, action: "beacon.wish-leave", subject: id, details: { name } });
      await connected(id);
      announce(id);
    },

    connected,

    goodbye: async (statement) => {
      const beacon = await beacons.get(statement.key);
      const keys = [beacon?.publicKey, beacon?.nextPublicKey].filter((key) => key !== undefined);
      const said = keys.map((key) => readGoodbye(statement, key)).find((read) => read !== undefined);
      if (beacon === undefined || said === undefined || said.beacon !== beacon.id || said.hub !== origin) {
        throw new Problem("key_refused", "nobody is known here who could say goodbye like this", {
          hint: "The beacon has left already, or never was this hub's.",
        });
      }
      // First, so that nothing is stored any more of what it may have sent before.
      links.revoke(beacon.id);
      const details = { name: beacon.name };
      await depart(beacon.id, { actor: said.actor, action: "beacon.leave", subject: beacon.id, details });
    },
  };
}

function readGoodbye(statement: SignedStatement, publicKey: string): GoodbyeStatement | undefined {
  try {
    const text = verify("goodbye", statement, { [statement.key]: publicKey });
    return parseOr(GoodbyeStatement, JSON.parse(text), "the agent's goodbye");
  } catch (thrown) {
    if (thrown instanceof Problem) return undefined;
    throw thrown;
  }
}
