import { createHash, randomBytes } from "node:crypto";
import type { BeaconClaims } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import { LOCAL_PERSON } from "../sessions.ts";
import type { AgentDatabase } from "../store/database.ts";

const LIFETIME_MS = 15 * 60_000;
const PREFIX = "login_";

/** One-time codes with which whoever is root on the beacon lets its owner in, without any hub. */
export interface LoginLinks {
  create(): { readonly code: string; readonly expiresAt: number };
  /** Whether this is one of those, rather than a token of a hub. */
  isCode(text: string): boolean;
  /** @throws {Problem} `not_signed_in` for a code that was used, is too old, or never was */
  redeem(code: string): BeaconClaims;
}

const hash = (code: string) => createHash("sha256").update(code).digest("hex");

/** @param owner Address of the beacon's owner. */
export function createLoginLinks(db: AgentDatabase, owner: string, now: () => number): LoginLinks {
  const insert = db.prepare("insert into login_code (hash, expires_at) values (?, ?)");
  const take = db.prepare("delete from login_code where hash = ? and expires_at > ?");
  const prune = db.prepare("delete from login_code where expires_at <= ?");
  return {
    create: () => {
      const code = PREFIX + randomBytes(24).toString("base64url");
      const expiresAt = now() + LIFETIME_MS;
      insert.run(hash(code), expiresAt);
      return { code, expiresAt };
    },
    isCode: (text) => text.startsWith(PREFIX),
    redeem: (code) => {
      const { changes } = take.run(hash(code), now());
      prune.run(now());
      if (changes === 1) return { sub: LOCAL_PERSON, email: owner, role: "owner" };
      throw new Problem("not_signed_in", "this sign-in code was used already, or is too old", {
        hint: "Make another one on the beacon: sudo wopr login-link",
      });
    },
  };
}
