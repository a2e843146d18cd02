import { z } from "zod";
import { TierId } from "../catalog/catalog.ts";
import { DnsLabel, HostName, Id, ModuleId, Timestamp } from "../names.ts";
import { ProblemBody } from "../problem.ts";
import { SignedStatement } from "../protocol/statement.ts";
import { FleetAlert } from "./alerts.ts";
import { PriceKey } from "./billing.ts";

/** States of a provisioning job, in their order; `FAILED` can follow any of them. */
export const jobStates = [
  "PENDING",
  "PAYMENT_RECEIVED",
  "PROVISIONING_VPS",
  "WAITING_FOR_VPS",
  "CONFIGURING_DNS",
  "DEPLOYING_WOPR",
  "GENERATING_DOCS",
  "SENDING_WELCOME",
  "COMPLETED",
] as const;

export const JobState = z.enum([...jobStates, "FAILED", "CANCELLED"]);
export type JobState = z.output<typeof JobState>;

/**
 * First label of a beacon's domain. With hyphens in the third and fourth place a label is an encoded one ("xn--"), which shows as
 * something else than it says: https://www.rfc-editor.org/rfc/rfc5891#section-4.2.3.1
 */
export const BeaconName = DnsLabel.min(3)
  .max(40)
  .regex(/^(?!..--)/, "expected no hyphens in the third and fourth place");

export const Order = z.strictObject({
  email: z.email().max(254),
  beacon: BeaconName,
  /** Apps on top of the core modules. */
  modules: z.array(ModuleId).max(60),
  /** Region of the provider, where it has several. */
  region: z.string().max(60).optional(),
  /** What its owner pays for, by the catalog's keys, before it is made; nothing when absent. */
  prices: z.array(PriceKey).min(1).max(100).optional(),
});
export type Order = z.output<typeof Order>;

/** One line in the life of a job: it entered `state`, or something worth knowing happened in it. */
export const JobEvent = z.object({
  at: Timestamp,
  state: JobState,
  message: z.string(),
  /** Time spent in the state that ended here. */
  durationMs: z.number().int().optional(),
  problem: ProblemBody.optional(),
});
export type JobEvent = z.output<typeof JobEvent>;

/** What a customer bought in the shop, as whoever runs the hub sees it. */
export const SaleView = z.object({
  bundle: z.string(),
  tier: TierId,
  monthlyCents: z.number().int(),
  currency: z.string(),
  /** What has to come before the work begins. */
  awaits: z.enum(["payment", "approval"]),
  approvedAt: Timestamp.optional(),
});
export type SaleView = z.output<typeof SaleView>;

export const JobView = z.object({
  id: Id,
  /** What it fulfils. */
  purchase: Id,
  beacon: Id.optional(),
  beaconName: DnsLabel,
  email: z.string(),
  modules: z.array(z.string()),
  /** Of an order from the shop. */
  sale: SaleView.optional(),
  state: JobState,
  /** The state in which it failed or was cancelled, for `retry`. */
  stoppedIn: JobState.optional(),
  /** What it waits for now, in words. */
  waitingFor: z.string().optional(),
  problem: ProblemBody.optional(),
  createdAt: Timestamp,
  finishedAt: Timestamp.optional(),
  events: z.array(JobEvent),
});
export type JobView = z.output<typeof JobView>;

export const BeaconSummary = z.object({
  id: Id,
  name: DnsLabel,
  domain: HostName,
  email: z.string(),
  provider: z.string(),
  region: z.string().optional(),
  online: z.boolean(),
  lastSeenAt: Timestamp.optional(),
  /** When its agent was shut out; until another one has enrolled. */
  revokedAt: Timestamp.optional(),
  /** Since when its apps are kept stopped. */
  suspendedAt: Timestamp.optional(),
  /** Since when it is to be detached from this hub. */
  leavingSince: Timestamp.optional(),
  createdAt: Timestamp,
  agentVersion: z.string().optional(),
  /** Its apps, without the core modules. */
  instances: z.number().int(),
  /** What does not do what it is meant to, core modules too. */
  degraded: z.number().int(),
  /** Newest values, when it reports. */
  cpuPercent: z.number().optional(),
  memoryPercent: z.number().optional(),
  diskPercent: z.number().optional(),
});
export type BeaconSummary = z.output<typeof BeaconSummary>;

export const Me = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.enum(["operator", "owner"]),
});
export type Me = z.output<typeof Me>;

/** The reader's own account, at `GET /api/me`. */
export const MyAccount = Me.extend({
  /** One that came by a link has none until it is set. */
  hasPassword: z.boolean(),
});
export type MyAccount = z.output<typeof MyAccount>;

/**
 * Page of the hub on which somebody whose link was used up asks for another, as better-auth is told of it: it decodes
 * what it gets once more than the query does (https://www.better-auth.com/docs/plugins/magic-link, `errorCallbackURL`).
 */
export const signInAgainPath = (email: string): string =>
  `/sign-in?email=${encodeURIComponent(encodeURIComponent(email))}`;

/** What a hub says of itself to everybody who is signed in, at `GET /api/hub`. */
export const HubInfo = z.object({
  /** Domain under which beacons live: beacon `ada` is `ada.<zone>`. */
  zone: HostName,
  version: z.string(),
});
export type HubInfo = z.output<typeof HubInfo>;

export const AuditEntry = z.object({
  at: Timestamp,
  actor: z.string(),
  /** `noun.verb` of what was done. */
  action: z.string(),
  subject: z.string(),
  details: z.record(z.string(), z.unknown()),
});
export type AuditEntry = z.output<typeof AuditEntry>;

/** Server-sent events of the whole fleet at `GET /api/events`. `beacons` are those that have changed, once a second at most. */
export const FleetEvent = { beacons: z.array(BeaconSummary), job: JobView, alert: FleetAlert } as const;
export type FleetEventName = keyof typeof FleetEvent;

/** What an agent sends once, with its one-time token, to become a beacon's agent. */
export const EnrolmentRequest = z.strictObject({
  token: z.string().min(20).max(200),
  /** Ed25519 public key, raw 32 bytes in base64url (RFC 8037 `x`). Made by the agent; its private half never leaves it. */
  publicKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  agentVersion: z.string().max(40),
  hostname: z.string().max(253),
  /** The provider's id of the server, where the agent knows it. */
  instanceId: z.string().max(200).exactOptional(),
});
export type EnrolmentRequest = z.output<typeof EnrolmentRequest>;

/** What the operator is given, once, to enrol another agent. */
export const NewEnrolmentToken = z.object({ token: z.string(), expiresAt: Timestamp });
export type NewEnrolmentToken = z.output<typeof NewEnrolmentToken>;

/** What an agent says, by itself and without a link, when its beacon has left: a signed `GoodbyeStatement`. */
export const Goodbye = z.strictObject({ statement: SignedStatement });
export type Goodbye = z.output<typeof Goodbye>;

/** What an agent has to know for good. Sent again to the same key, refused to any other. */
export const Enrolment = z.object({
  beacon: Id,
  name: DnsLabel,
  domain: HostName,
  owner: z.string(),
  /** Keys of the hub that sign commands: key id to raw Ed25519 public key in base64url. */
  commandKeys: z.record(z.string(), z.string()),
});
export type Enrolment = z.output<typeof Enrolment>;

/** Claims of the JWTs with which people reach a beacon; `aud` is its id, `iss` the hub's origin. */
export const BeaconClaims = z.object({
  sub: z.string(),
  email: z.string(),
  role: z.enum(["owner", "member", "operator"]),
});
export type BeaconClaims = z.output<typeof BeaconClaims>;

/** `use` of a token that works once. */
export const VISIT = "visit";

/** Where a beacon takes in a person who comes from the hub: form post of `token`. */
export const VISIT_PATH = "/session";

/** A person's visit to a beacon: the browser posts `token` to `url`, so that no URL holds it. */
export const BeaconVisit = z.object({ url: z.string(), token: z.string() });
export type BeaconVisit = z.output<typeof BeaconVisit>;
