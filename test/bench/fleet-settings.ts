import { z } from "zod";

/** What a process of simulated agents is told. */
export const FleetSettings = z.object({
  port: z.number(),
  origin: z.string(),
  /** One key for all of them. */
  privateKey: z.string(),
  beacons: z.array(z.string()),
  everyMs: z.number(),
  /** Whether each reports again as soon as the hub has the last one, at no rhythm. */
  flat: z.boolean(),
  /** Each has begun a command: `cmd_<begun>-<number of the agent>`. */
  begun: z.string(),
  /** Containers on each beacon. */
  containers: z.number(),
});
export type FleetSettings = z.output<typeof FleetSettings>;

/** What it has to say of itself. */
export const FleetCounts = z.object({
  linked: z.number(),
  /** Samples taken, and those that the hub has. */
  sent: z.number(),
  acknowledged: z.number(),
  /** Results that the hub has. */
  results: z.number(),
  reconnects: z.number(),
  /** Connections that the hub asked to come back later. */
  refused: z.number(),
});
export type FleetCounts = z.output<typeof FleetCounts>;
