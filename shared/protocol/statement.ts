import { z } from "zod";
import { AlertRules } from "../alerts/rule.ts";
import { ChannelOptions } from "../api/channels.ts";
import { ExecRequest } from "../api/exec.ts";
import { Id, Timestamp } from "../names.ts";

/**
 * Something said under a key. `payload` is the exact text that was signed, so that no canonical form of JSON is needed;
 * it is parsed only after the signature holds.
 */
export const SignedStatement = z.object({
  payload: z.string().max(512 * 1024),
  /** Ed25519 (RFC 8032) over `signedBytes`, base64url without padding. */
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
  /** Id of the key: of a hub's as in `Enrolment.commandKeys`; of an agent's it is the id of its beacon. */
  key: z.string().min(1).max(128),
});
export type SignedStatement = z.output<typeof SignedStatement>;

/** Why something is signed. It is part of the signed bytes, so that a statement of one kind never passes as another. */
export type StatementKind = "command" | "exec" | "welcome" | "hello" | "alerting";

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
