import { z } from "zod";
import { Timestamp } from "../names.ts";

/** How an agent is, at `GET /api/status` of its beacon. */
export const AgentStatus = z.object({
  agentVersion: z.string(),
  startedAt: Timestamp,
  /** The beacon's clock. */
  now: Timestamp,
  /** What the hub has not stored yet; at most as many as are counted. */
  waiting: z.object({ samples: z.number().int(), events: z.number().int(), results: z.number().int() }),
  /** The newest sample that was kept. */
  sample: z.object({ at: Timestamp, values: z.record(z.string(), z.number()) }).optional(),
});
export type AgentStatus = z.output<typeof AgentStatus>;
