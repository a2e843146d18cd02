import { createHash, randomBytes } from "node:crypto";
import { BeaconClaims } from "#shared/api/hub.ts";
import type { AgentDatabase } from "./store/database.ts";

const LIFETIME_MS = 30 * 86_400_000;

/** Browsers that proved who sits before them. The store knows only the hash of what they show. */
export interface Sessions {
  /** Gives what the browser has to show from now on. */
  readonly create: (person: BeaconClaims) => { secret: string; lifetimeMs: number };
  readonly find: (secret: string) => BeaconClaims | undefined;
  readonly end: (secret: string) => void;
}

interface Row {
  subject: string;
  email: string;
  role: string;
}

const hash = (secret: string) => createHash("sha256").update(secret).digest("hex");

export function createSessions(db: AgentDatabase, now: () => number): Sessions {
  const insert = db.prepare(
    "insert into session (hash, subject, email, role, created_at, expires_at) values (?, ?, ?, ?, ?, ?)",
  );
  const select = db.prepare<[string, number], Row>(
    "select subject, email, role from session where hash = ? and expires_at > ?",
  );
  const remove = db.prepare("delete from session where hash = ?");
  const forget = db.prepare("delete from session where expires_at <= ?");

  return {
    create: ({ sub, email, role }) => {
      const secret = randomBytes(32).toString("base64url");
      forget.run(now());
      insert.run(hash(secret), sub, email, role, now(), now() + LIFETIME_MS);
      return { secret, lifetimeMs: LIFETIME_MS };
    },
    find: (secret) => {
      const row = select.get(hash(secret), now());
      return row === undefined ? undefined : BeaconClaims.parse({ ...row, sub: row.subject });
    },
    end: (secret) => {
      remove.run(hash(secret));
    },
  };
}
