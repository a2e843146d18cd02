import { z } from "zod";
import { AlertRules } from "../alerts/rule.ts";
import { ChannelOptions } from "../api/channels.ts";
import { ExecRequest } from "../api/exec.ts";
import { Id, Timestamp } from "../names.ts";

export const KeyId = z.string().min(1).max(128);

/**
 * Something said under a key. `payload` is the exact text that was signed, so that no canonical form of JSON is needed;
 * it is parsed only after the signature holds.
 */
export const SignedStatement = z.object({
  payload: z.string().max(512 * 1024),
  /** Ed25519 (RFC 8032) over `signedBytes`, base64url without padding. */
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
  /** Id of the key: of a hub's as in `Enrolment.commandKeys`; of an agent's it is the id of its beacon. */
  key: KeyId,
});
export type SignedStatement = z.output<typeof SignedStatement>;

/** Why something is signed. It is part of the signed bytes, so that a statement of one kind never passes as another. */
export type StatementKind = HubStatementKind | "hello" | "rotate" | "goodbye";

/** What the hub's key signs, and nothing else. */
export type HubStatementKind = "command" | "exec" | "welcome" | "alerting" | "keys" | "people" | "leave";

/** The bytes under the signature: a line that names kind and version, then the payload. */
export const signedBytes = (kind: StatementKind, payload: string): string => `wopr/${kind}/1\n${payload}`;

/** What the hub's key signs to have a beacon do something. */
export const CommandStatement = z.object({
  beacon: Id,
  id: Id,
  name: z.string(),
  input: z.unknown(),
  /** Grows by one per command and beacon. Below what an agent has forgotten, an unknown id is a replay. */
  sequence: z.number().int().positive(),
  issuedAt: Timestamp,
  /** After this moment of the hub's clock an agent that has not accepted the command refuses it. */
  expiresAt: Timestamp,
  /** Who asked for it, for the journal on the beacon. */
  actor: z.string().max(200),
});
export type CommandStatement = z.output<typeof CommandStatement>;

/** What the hub's key signs to have a program run in a container. An agent opens one session under an id, ever. */
export const ExecStatement = z.object({
  beacon: Id,
  id: Id,
  request: ExecRequest,
  /** After this moment of the hub's clock an agent does not begin it. */
  expiresAt: Timestamp,
  actor: z.string().max(200),
});
export type ExecStatement = z.output<typeof ExecStatement>;

/** What the agent's key signs to prove itself on a connection. `hub` keeps a proof from being relayed to another hub. */
export const HelloStatement = z.object({
  beacon: Id,
  /** The nonce of the hub's challenge. */
  challenge: z.string(),
  /** The agent's own nonce, which the hub signs in turn. */
  nonce: z.string().min(16),
  /** Origin of the hub as the agent dialled it. */
  hub: z.string(),
});
export type HelloStatement = z.output<typeof HelloStatement>;

/** What the hub's key signs in answer: proof of the hub, and its clock. */
export const WelcomeStatement = z.object({
  beacon: Id,
  nonce: z.string(),
  protocol: z.number().int(),
  time: Timestamp,
});
export type WelcomeStatement = z.output<typeof WelcomeStatement>;

/** A channel that a beacon may use itself. */
export const BeaconChannel = ChannelOptions.extend({
  id: Id,
  kind: z.string(),
  /** Those of its kind, secrets too: they are in no command and no journal, and are kept sealed on either side. */
  settings: z.record(z.string(), z.string()),
});
export type BeaconChannel = z.output<typeof BeaconChannel>;

/** What the hub's key signs to have a beacon watch for something, and tell people itself while the hub is away. */
export const AlertingStatement = z.object({
  beacon: Id,
  /** Grows with each change; an older one than the agent has is a replay. */
  revision: z.number().int().nonnegative(),
  rules: AlertRules,
  channels: z.array(BeaconChannel).max(100),
});
export type AlertingStatement = z.output<typeof AlertingStatement>;

/** What a key of the hub signs to name the one that follows it. It is for all beacons, and may come any number of times. */
export const KeysStatement = z.object({
  /** Id of the key that signs this. */
  from: KeyId,
  key: z.object({ id: KeyId, publicKey: z.string() }),
  at: Timestamp,
  /** From this moment of the hub's clock the key that signs this counts no more. */
  retireAt: Timestamp,
});
export type KeysStatement = z.output<typeof KeysStatement>;

/** What the hub's key signs to end the sessions of people on a beacon. */
export const PeopleStatement = z.object({
  beacon: Id,
  /** Grows with each change; an older one than the agent has is a replay. */
  revision: z.number().int().nonnegative(),
  /** Whatever these were given before `at`, by the hub's clock, lets them in no more. */
  revoked: z.array(z.object({ subject: z.string().max(200), at: Timestamp })).max(5_000),
});
export type PeopleStatement = z.output<typeof PeopleStatement>;

/** What the hub's key signs to have a beacon detach itself for good, as its owner wishes. */
export const LeaveStatement = z.object({ beacon: Id, at: Timestamp, actor: z.string().max(200) });
export type LeaveStatement = z.output<typeof LeaveStatement>;

/** What the agent's key signs to name the one that is to follow it. */
export const RotateStatement = z.object({ beacon: Id, publicKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/) });
export type RotateStatement = z.output<typeof RotateStatement>;

/** What the agent's key signs to say that this beacon has left the hub. */
export const GoodbyeStatement = z.object({ beacon: Id, hub: z.string(), at: Timestamp, actor: z.string().max(200) });
export type GoodbyeStatement = z.output<typeof GoodbyeStatement>;
