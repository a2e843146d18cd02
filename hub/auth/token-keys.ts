import { join } from "node:path";
import { openKeyRing, type SigningKey, type Succession } from "../key-ring.ts";

/** A token lives five minutes; a beacon that asks for the keys once in an hour has all of them in time. */
const OVERLAP_MS = 86_400_000;

/** The keys that sign the tokens with which people reach beacons. Their public halves are in the JWKS. */
export interface TokenKeys {
  active(): SigningKey;
  all(): SigningKey[];
  successions(): Succession[];
  /** Has another key sign; the one before stays in the JWKS for a day. @returns its id */
  rotate(): string;
}

/** @throws {Problem} `invalid_input` for a file that holds no such keys */
export function openTokenKeys(directory: string, now: () => number): TokenKeys {
  const ring = openKeyRing({ file: join(directory, "jwt-key.json"), use: "jwt", overlapMs: OVERLAP_MS, now });
  return {
    active: ring.active,
    all: ring.keys,
    successions: ring.successions,
    rotate: () => {
      ring.prepare();
      ring.activate();
      return ring.active().id;
    },
  };
}
