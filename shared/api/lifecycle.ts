import { z } from "zod";
import { TierId } from "../catalog/catalog.ts";
import { DnsLabel, Id, ModuleId, Timestamp } from "../names.ts";
import { ProblemBody } from "../problem.ts";

/** What is done to a beacon as a whole, its server and its place in the books included. */
const changes = {
  /** Its apps are stopped and stay so; nothing is lost, and its owner reaches its dashboard. */
  suspend: z.strictObject({ change: z.literal("suspend") }),
  resume: z.strictObject({ change: z.literal("resume") }),
  /** The server of another tier, and apps that come and go with what is paid for. */
  resize: z.strictObject({
    change: z.literal("resize"),
    tier: TierId,
    install: z.array(ModuleId).max(60).exactOptional(),
    remove: z.array(ModuleId).max(60).exactOptional(),
  }),
  /** A new server in place of the present one, with the same apps and without their data. */
  rebuild: z.strictObject({ change: z.literal("rebuild"), discardData: z.literal(true) }),
  /** Another owner. */
  transfer: z.strictObject({ change: z.literal("transfer"), email: z.email().max(254) }),
  /** Its server, its disk, its names and its subscription go. */
  delete: z.strictObject({ change: z.literal("delete") }),
} as const;

export const LifecycleChange = z.discriminatedUnion("change", [
  changes.suspend,
  changes.resume,
  changes.resize,
  changes.rebuild,
  changes.transfer,
  changes.delete,
]);
export type LifecycleChange = z.output<typeof LifecycleChange>;
export type LifecycleKind = LifecycleChange["change"];

/** What cannot be taken back is confirmed by the name of the beacon. */
const confirm = z.string();

/** A change as people ask for it. */
export const LifecycleRequest = z.discriminatedUnion("change", [
  changes.suspend,
  changes.resume,
  changes.resize,
  changes.rebuild.extend({ confirm }),
  changes.transfer.extend({ confirm }),
  changes.delete.extend({ confirm }),
]);
export type LifecycleRequest = z.output<typeof LifecycleRequest>;

/** `cancelling`: what it did is being taken back. */
export const LifecycleState = z.enum(["running", "cancelling", "done", "failed", "cancelled"]);
export type LifecycleState = z.output<typeof LifecycleState>;

export const LifecycleStep = z.object({
  name: z.string(),
  title: z.string(),
  state: z.enum(["to-do", "now", "done", "failed"]),
  startedAt: Timestamp.optional(),
  durationMs: z.number().int().optional(),
});

export type LifecycleStep = z.output<typeof LifecycleStep>;

/** One line in the life of a job: a step ended, or something worth knowing happened in it. */
export const LifecycleEvent = z.object({
  at: Timestamp,
  step: z.string(),
  message: z.string(),
  /** Time spent in the step that ended here. */
  durationMs: z.number().int().optional(),
  problem: ProblemBody.optional(),
});
export type LifecycleEvent = z.output<typeof LifecycleEvent>;

/** A change of a beacon on its way. */
export const LifecycleJobView = z.object({
  id: Id,
  beacon: Id,
  beaconName: DnsLabel,
  change: LifecycleChange,
  state: LifecycleState,
  steps: z.array(LifecycleStep),
  /** What it waits for now, in words. */
  waitingFor: z.string().optional(),
  problem: ProblemBody.optional(),
  createdAt: Timestamp,
  finishedAt: Timestamp.optional(),
  actor: z.string(),
  events: z.array(LifecycleEvent),
});
export type LifecycleJobView = z.output<typeof LifecycleJobView>;
