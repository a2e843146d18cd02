import { KEYS_FOLLOW_SINCE } from "#shared/protocol/version.ts";
import type { Identity } from "../identity.ts";
import type { Link } from "../link.ts";
import type { Log } from "../log.ts";

/** How old the agent's key gets. */
export const KEY_LIFETIME_MS = 90 * 86_400_000;

/**
 * Gives the agent a new key now and then. Both count from the moment at which the hub has stored the new one until the agent has
 * proved it: broken off anywhere, one of them opens the door.
 */
export interface KeyRotation {
  /** A link stands: goes on with what was begun, or begins when the key is old. */
  attach(link: Link): void;
  /** Begins now; at the next link when there is none. */
  begin(): void;
  /** To be called now and then. */
  look(): void;
  /** The hub has stored what was in these frames. */
  acknowledged(frames: readonly string[]): void;
}

export interface KeyRotationOptions {
  readonly identity: Pick<Identity, "madeAt" | "prepare" | "isPrepared" | "succession" | "promote" | "publicKey">;
  readonly beacon: string;
  readonly lifetimeMs: number;
  readonly now: () => number;
  readonly log: Log;
}

export function createKeyRotation({ identity, beacon, lifetimeMs, now, log }: KeyRotationOptions): KeyRotation {
  let link: Link | undefined;
  let announcedIn: string | undefined;

  const announce = () => {
    if (link === undefined || link.signal.aborted || link.protocol() < KEYS_FOLLOW_SINCE) return;
    if (announcedIn === undefined) announcedIn = link.send({ type: "rotate", ...identity.succession(beacon) });
  };
  const look = () => {
    if (now() - identity.madeAt() >= lifetimeMs) identity.prepare();
    if (identity.isPrepared()) announce();
  };

  return {
    look,
    attach: (to) => {
      link = to;
      announcedIn = undefined;
      look();
    },
    begin: () => {
      identity.prepare();
      announce();
    },
    acknowledged: (frames) => {
      if (announcedIn === undefined || !frames.includes(announcedIn)) return;
      announcedIn = undefined;
      identity.promote();
      log.info({ publicKey: identity.publicKey() }, "the agent has a new key");
      link?.redial("the agent proves its new key");
    },
  };
}
