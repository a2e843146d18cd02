import type { UnsentHubFrame } from "#shared/protocol/frames.ts";
import { KEYS_FOLLOW_SINCE } from "#shared/protocol/version.ts";
import type { Signer } from "../signer/signer.ts";
import type { AuditLine } from "../store/audit.ts";
import type { RevokedPeople } from "../store/revoked-people.ts";

/** No session on a beacon is older. */
const LONGEST_SESSION_MS = 31 * 86_400_000;

export interface PeopleParts {
  readonly revoked: RevokedPeople;
  readonly signer: Pick<Signer, "sign">;
  readonly links: {
    send(beacon: string, frame: UnsentHubFrame): boolean;
    protocol(beacon: string): number;
    beacons(): string[];
  };
  readonly now: () => number;
}

/** Ends what lets people in on beacons: each beacon has the list, also one that was away. */
export interface People {
  /** Whatever was given to this person so far opens no beacon any more. @param line Tells of it, where somebody wanted it. */
  revoke(subject: string, line?: AuditLine): Promise<void>;
  /** A beacon is there. */
  connected(beacon: string): Promise<void>;
  prune(): Promise<void>;
}

export function createPeople({ revoked, signer, links, now }: PeopleParts): People {
  const send = async (beacon: string) => {
    if (links.protocol(beacon) < KEYS_FOLLOW_SINCE) return;
    const list = await revoked.list();
    const revision = list.at(-1)?.at;
    if (revision === undefined) return;
    const statement = await signer.sign("people", { beacon, revision, revoked: list });
    links.send(beacon, { type: "people", statement });
  };
  return {
    revoke: async (subject, line) => {
      await revoked.put(subject, line);
      for (const beacon of links.beacons()) await send(beacon);
    },
    connected: send,
    prune: () => revoked.prune(now() - LONGEST_SESSION_MS),
  };
}
