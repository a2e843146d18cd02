import { z } from "zod";
import { Timestamp } from "../names.ts";
import { ProblemBody } from "../problem.ts";

const url = z
  .url({ protocol: /^https?$/ })
  .max(2000)
  .refine(
    (text) => URL.parse(text)?.password === "" && URL.parse(text)?.username === "",
    "expected a URL without a password in it",
  );

/** A Prometheus-compatible store: where it takes remote write, and what it wants to be shown. */
export const RemoteWriteInput = z.object({
  url,
  authorization: z.enum(["none", "basic", "bearer"]).default("none"),
  /** For `basic`. */
  username: z.string().max(500).optional(),
  /** Password or token; left out, the one that is stored stays. */
  secret: z.string().min(1).max(10_000).optional(),
});
export type RemoteWriteInput = z.output<typeof RemoteWriteInput>;

export const RemoteWriteView = z.object({
  /** Absent while measurements are written nowhere. */
  target: RemoteWriteInput.omit({ secret: true }).optional(),
  /** Samples and spans that the store has not got yet. */
  waiting: z.number().int(),
  /** Since the hub started. */
  sent: z.number().int(),
  /**
   * Refused by the store for good, since the hub started: it takes nothing of that time any more, or has it already, as after the death of
   * either side. `refusal` says why the last ones were.
   */
  dropped: z.number().int(),
  /** Spans of ten minutes of one beacon each that waited for as long as spans are kept, and went, since the hub started. */
  forgotten: z.number().int().default(0),
  refusal: ProblemBody.optional(),
  lastSentAt: Timestamp.optional(),
  /** Why it does not get on at the moment. */
  problem: ProblemBody.optional(),
});
export type RemoteWriteView = z.output<typeof RemoteWriteView>;
