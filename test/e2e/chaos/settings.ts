import { z } from "zod";
import { Enrolment } from "#shared/api/hub.ts";

/** What a process of the chaos is started with, as JSON in its first argument. */
export const ChaosSettings = z.object({
  seed: z.number(),
  /** Where the agent dials, which is what the hub knows itself by. */
  origin: z.string(),
  hubPort: z.number(),
  hubDirectory: z.string(),
  agentDirectory: z.string(),
  /** Outside of both: a line for each thing that was really done. */
  effectsFile: z.string(),
  enrolment: Enrolment,
  /** Moment of the first sample; each further one is ten seconds of its own later. */
  firstSampleAt: z.number(),
  startedAt: z.number(),
  /** What the clock of this process is off by. */
  offsetMs: z.number(),
});
export type ChaosSettings = z.output<typeof ChaosSettings>;

export const readSettings = (): ChaosSettings => ChaosSettings.parse(JSON.parse(process.argv[2] ?? "{}"));

const Jump = z.object({ offsetMs: z.number() });

/** A clock that the test can set while the process runs. */
export function settableClock(offsetMs: number): () => number {
  let offset = offsetMs;
  // Nobody is left to kill it.
  process.on("disconnect", () => process.exit());
  process.on("message", (message) => {
    offset = Jump.parse(message).offsetMs;
  });
  return () => Date.now() + offset;
}
