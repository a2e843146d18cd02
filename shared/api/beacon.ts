import { z } from "zod";
import { AlertEvent } from "../alerts/evaluate.ts";
import { Inventory } from "../inventory.ts";
import { Gap } from "../metrics/gaps.ts";
import { resolutions } from "../metrics/rollup.ts";
import { Rollup } from "../metrics/sample.ts";
import { SeriesPattern } from "../metrics/series-pattern.ts";
import { DnsLabel, HostName, Id, Timestamp } from "../names.ts";
import { ProblemBody } from "../problem.ts";
import { Progress } from "../protocol/progress.ts";

/** How a beacon finds its link to the hub. `revoked`: the hub has shut its agent out; `left`: it is nobody's but its owner's. */
export const HubLink = z.object({
  state: z.enum(["linked", "away", "revoked", "left"]),
  since: Timestamp,
  /** Why there is no link. */
  problem: ProblemBody.optional(),
  /** When it is tried again. */
  retryAt: Timestamp.optional(),
});
export type HubLink = z.output<typeof HubLink>;

/** A link that signs the owner in once, without any hub; made by root on the beacon. */
export const LoginLink = z.object({ url: z.string(), expiresAt: Timestamp });
export type LoginLink = z.output<typeof LoginLink>;

/**
 * What can be asked of one beacon. The beacon serves it under `/api`, the hub under `/api/beacons/{beacon}`, with the
 * same paths and bodies, so that one set of pages and one command line work on both:
 *
 * - `GET  overview` → `BeaconOverview`
 * - `GET  modules` → `{ modules: ModuleSummary[] }`
 * - `POST plan` `CommandRequest` → `Plan`
 * - `GET  commands?limit=` → `{ commands: CommandView[] }`, newest first
 * - `POST commands` `CommandRequest` → 202 `CommandView`
 * - `GET  commands/{id}` → `CommandDetail`; `POST commands/{id}/cancel` → 202 `CommandView`
 * - `GET  metrics?from=&to=&series=` → `MetricsView`
 * - `GET  alerts` → `AlertsView`
 * - `POST silences` `SilenceInput` → `AlertsView`: nobody is told of an alert for a while
 * - `GET  logs/{instance}?service=&tail=&follow=&since=&until=&match=` → server-sent events `line` (`LogLine`) and, when it ends, `end`
 * - `POST exec` `ExecRequest` → server-sent events of the names and shapes of `ExecItem`, then `end`: runs a program
 * - `POST exec/{session}` `ExecWords` → 204: says something to it
 * - `POST leave` `{ confirm: name }`: detaches the beacon from its hub for good
 * - `GET  events` → server-sent events, see `BeaconEvent`
 */
export const BeaconOverview = z.object({
  id: Id,
  name: DnsLabel,
  domain: HostName,
  /** Whether the hub has a link to it; the beacon says true of itself. */
  online: z.boolean(),
  /** When the hub heard from it last. */
  lastSeenAt: Timestamp.optional(),
  /** When the hub has shut its agent out; until another one has enrolled. */
  revokedAt: Timestamp.optional(),
  /** Since when the hub has its apps kept stopped. */
  suspendedAt: Timestamp.optional(),
  /** Since when it is to be detached from the hub. */
  leavingSince: Timestamp.optional(),
  /** How the beacon itself finds its link to the hub. */
  hubLink: HubLink.optional(),
  agentVersion: z.string().optional(),
  inventory: Inventory.optional(),
});
export type BeaconOverview = z.output<typeof BeaconOverview>;

export const ModuleSummary = z.object({
  id: z.string(),
  version: z.string(),
  title: z.string(),
  category: z.string(),
  summary: z.string(),
  description: z.string(),
  replaces: z.array(z.string()),
  addonCentsPerMonth: z.number().int(),
  memoryMb: z.number(),
  /** JSON Schema, see `Manifest.parameters`. */
  parameters: z.record(z.string(), z.unknown()),
  core: z.boolean(),
});
export type ModuleSummary = z.output<typeof ModuleSummary>;

export const CommandRequest = z.object({ name: z.string(), input: z.record(z.string(), z.unknown()) });
export type CommandRequest = z.output<typeof CommandRequest>;

/** What a command would do now. Empty when the beacon is already as the command wants it. */
export const Plan = z.object({
  steps: z.array(z.object({ kind: z.string(), title: z.string() })),
  /** What happens to each container of the instances that the steps touch, and why. */
  changes: z.array(z.object({ container: z.string(), verdict: z.string(), reason: z.string() })).optional(),
  /** What else there is to know, a sentence each. */
  notes: z.array(z.string()).optional(),
});
export type Plan = z.output<typeof Plan>;

/**
 * `queued` until sent, `sent` until the agent has it in its journal, `accepted` until its turn comes, `running` until it ended in one
 * of the others. What is `lost` the agent had accepted and does not know any more; should its ending still come, it becomes that.
 */
export const CommandState = z.enum([
  ...(["queued", "sent", "accepted", "running"] as const),
  ...(["done", "failed", "cancelled", "expired", "lost"] as const),
]);
export type CommandState = z.output<typeof CommandState>;

export const endedStates: readonly CommandState[] = ["done", "failed", "cancelled", "expired", "lost"];

/** One line in the life of a command: what it was from then on, or that somebody asked for its end. Lines are only ever added. */
export const LedgerLine = z.object({
  /** By the clock of whoever wrote it down. */
  at: Timestamp,
  state: CommandState,
  /** Who or what brought it about: an address, `hub` or `agent`. */
  actor: z.string(),
  why: z.string().optional(),
  /** By the beacon's clock, in the hub's ledger, where it is the beacon that said so. */
  saidAt: Timestamp.optional(),
});
export type LedgerLine = z.output<typeof LedgerLine>;

export const CommandView = z.object({
  id: Id,
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
  actor: z.string(),
  state: CommandState,
  createdAt: Timestamp,
  /** When the beacon had it in its journal. */
  acceptedAt: Timestamp.optional(),
  startedAt: Timestamp.optional(),
  finishedAt: Timestamp.optional(),
  progress: Progress.optional(),
  problem: ProblemBody.optional(),
});
export type CommandView = z.output<typeof CommandView>;

/** A command with its life, oldest line first. */
export const CommandDetail = CommandView.extend({ history: z.array(LedgerLine) });
export type CommandDetail = z.output<typeof CommandDetail>;

const [first, ...others] = resolutions;
export const MetricsView = z.object({
  resolution: z.enum([first.name, ...others.map(({ name }) => name)]),
  stepMs: z.number().int(),
  points: z.array(Rollup),
  /** Where points are missing, and why, in order of time. */
  gaps: z.array(Gap).default([]),
});
export type MetricsView = z.output<typeof MetricsView>;

export const MetricsQuery = z.object({
  /** Milliseconds since the epoch; an hour ago when absent. */
  from: z.coerce.number().int().nonnegative().optional(),
  to: z.coerce.number().int().nonnegative().optional(),
  /** Names of series with commas between them, each with `*` for any text in one place; all series when absent. */
  series: z
    .string()
    .max(4000)
    .transform((names) => names.split(","))
    .pipe(z.array(SeriesPattern).max(100))
    .optional(),
});

/** Looked for in a line without regard to case: plain text, so that nobody can send an expression that never ends. */
const LogMatch = z.string().min(1).max(200);

/**
 * Which lines of an instance's log: the last `tail` of each service that were written from `since` until `until`, and
 * with `follow` those to come. With `match` only lines that contain it count, out of the last 20,000 of each service.
 */
export const LogOptions = z.object({
  service: z.string().optional(),
  tail: z.number().int().min(0).max(10_000),
  follow: z.boolean(),
  since: Timestamp.optional(),
  until: Timestamp.optional(),
  match: LogMatch.optional(),
});
export type LogOptions = z.output<typeof LogOptions>;

/** `LogOptions` as they stand in a URL. */
export const LogQuery = z.object({
  service: z.string().optional(),
  tail: z.coerce.number().int().min(0).max(10_000).default(200),
  follow: z.stringbool().default(false),
  since: z.coerce.number().int().nonnegative().optional(),
  until: z.coerce.number().int().nonnegative().optional(),
  match: LogMatch.optional(),
});

export const LogLine = z.object({
  at: Timestamp.optional(),
  service: z.string(),
  stream: z.enum(["stdout", "stderr"]),
  text: z.string(),
});
export type LogLine = z.output<typeof LogLine>;

/**
 * Server-sent events of one beacon: the name of the event is its key here, its data is the JSON of the value.
 * `live` comes each second while somebody listens; `command` on each change of a command, progress included;
 * `alert` when something is wrong from now on, or not any more.
 */
export const BeaconEvent = {
  overview: BeaconOverview,
  live: z.object({ at: Timestamp, values: z.record(z.string(), z.number()) }),
  command: CommandView,
  alert: AlertEvent,
} as const;
export type BeaconEventName = keyof typeof BeaconEvent;
