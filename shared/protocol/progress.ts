import { z } from "zod";
import { Id, Timestamp } from "../names.ts";

/** How far a command is. Every message stands for itself, so that one that is lost or old does no harm. */
export const Progress = z.object({
  command: Id,
  at: Timestamp,
  /** The step being carried out, counted from 1 within this round of the plan. */
  step: z.number().int().positive(),
  /** Steps in this round of the plan. */
  steps: z.number().int().positive(),
  title: z.string(),
  /** What the step says of itself, for example layers pulled or health waited for. */
  detail: z.string().optional(),
  /** Of this step, where it can be told. */
  percent: z.number().min(0).max(100).optional(),
});
export type Progress = z.output<typeof Progress>;
