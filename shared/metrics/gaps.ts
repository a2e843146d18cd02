import { z } from "zod";
import { Timestamp } from "../names.ts";
import type { Rollup } from "./sample.ts";

/** Why nothing was measured: the machine was off, its agent did not run, or nobody knows (yet). */
export const GapReason = z.enum(["beacon-off", "agent-off", "unknown"]);
export type GapReason = z.output<typeof GapReason>;

/** A span of time without measurements; `to` is the first moment after it. */
export const Gap = z.object({ from: Timestamp, to: Timestamp, reason: GapReason });
export type Gap = z.output<typeof Gap>;

export interface GapQuestion {
  /** Oldest first. */
  readonly points: readonly Pick<Rollup, "at">[];
  readonly stepMs: number;
  readonly from: number;
  readonly to: number;
  /** What the beacon said of itself, in order of time; it is believed only where nothing was measured. */
  readonly known: readonly Gap[];
}

/** This much may be missing at either end: the newest span may not be over, or not have come yet. */
const EDGE_STEPS = 3;

/** Where a chart has no points, and why, in order of time: of one span or more between points, of some more at either end. */
export function gapsIn({ points, stepMs, from, to, known }: GapQuestion): Gap[] {
  const holes: Hole[] = [];
  let end: number | undefined;
  for (const { at } of points) {
    if (at - (end ?? from) >= (end === undefined ? EDGE_STEPS : 1) * stepMs) holes.push({ from: end ?? from, to: at });
    end = at + stepMs;
  }
  if (to - (end ?? from) >= EDGE_STEPS * stepMs) holes.push({ from: end ?? from, to });
  return holes.flatMap((hole) => explained(hole, known, stepMs));
}

type Hole = Omit<Gap, "reason">;

/** The parts of one hole by their reasons. What is shorter than a span is not worth a part of its own. */
function explained(hole: Hole, known: readonly Gap[], stepMs: number): Gap[] {
  const parts: Gap[] = [];
  let at = hole.from;
  const add = (to: number, reason: GapReason) => {
    if (to <= at) return;
    parts.push({ from: at, to, reason });
    at = to;
  };
  for (const { from, to, reason } of known) {
    if (to <= at || from >= hole.to) continue;
    if (from - at >= stepMs) add(from, "unknown");
    add(hole.to - to < stepMs ? hole.to : to, reason);
  }
  add(hole.to, "unknown");
  return parts;
}
