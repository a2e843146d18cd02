import { createHash, randomBytes } from "node:crypto";
import { BeaconClaims } from "#shared/api/hub.ts";
import type { AgentDatabase } from "./store/database.ts";

const LIFETIME_MS = 30 * 86_400_000;
/**
 * So long a session that came from the hub still opens the beacon while the hub is away: somebody who was removed there in the
 * meantime is shut out here at the latest then. Local sign-in (`wopr login-link`) works all the time.
 */
export const AWAY_LIMIT_MS = 7 * 86_400_000;

/** Whoever was let in by root on the beacon itself. */
export const LOCAL_PERSON = "local";

/** Browsers that proved who sits before them. The store knows only the hash of what they show. */
export interface Sessions {
  /** Gives what the browser has to show from now on. */
  readonly create: (person: BeaconClaims) => { secret: string; lifetimeMs: number };
  readonly find: (secret: string) => BeaconClaims | undefined;
  readonly end: (secret: string) => void;
  /** Ends all of one person. */
  readonly endOf: (subject: string) => void;
  /** Ends all that came from the hub. */
  readonly endForeign: () => void;
}

interface Row {
  subject: string;
  email: string;
  role: string;
  created_at: number;
}

const hash = (secret: string) => createHash("sha256").update(secret).digest("hex");

/** @param heardAt When the hub was last there, in milliseconds since the epoch. */
export function createSessions(db: AgentDatabase, now: () => number, heardAt: () => number): Sessions {
  const insert = db.prepare(
    "insert into session (hash, subject, email, role, created_at, expires_at) values (?, ?, ?, ?, ?, ?)",
  );
  const select = db.prepare<[string, number], Row>(
    "select subject, email, role, created_at from session where hash = ? and expires_at > ?",
  );
  const remove = db.prepare("delete from session where hash = ?");
  const removeOf = db.prepare("delete from session where subject = ?");
  const removeOthers = db.prepare("delete from session where subject <> ?");
  const forget = db.prepare("delete from session where expires_at <= ?");

  const isConfirmed = ({ subject, created_at }: Row) =>
    subject === LOCAL_PERSON || now() - Math.max(created_at, heardAt()) < AWAY_LIMIT_MS;

  return {
    create: ({ sub, email, role }) => {
      const secret = randomBytes(32).toString("base64url");
      forget.run(now());
      insert.run(hash(secret), sub, email, role, now(), now() + LIFETIME_MS);
      return { secret, lifetimeMs: LIFETIME_MS };
    },
    find: (secret) => {
      const row = select.get(hash(secret), now());
      return row === undefined || !isConfirmed(row) ? undefined : BeaconClaims.parse({ ...row, sub: row.subject });
    },
    end: (secret) => {
      remove.run(hash(secret));
    },
    endOf: (subject) => {
      removeOf.run(subject);
    },
    endForeign: () => {
      removeOthers.run(LOCAL_PERSON);
    },
  };
}
