import { z } from "zod";
import type { Settings } from "./store/settings.ts";

const KEY = "clock";
const Stored = z.object({ offsetMs: z.number() });

/** A link's delay is not known so exactly; a clock that is corrected all the time would be worse than one that is a little off. */
const TOLERANCE_MS = 1_000;

export interface ClockOptions {
  readonly settings: Settings;
  /** The system's clock, in milliseconds since the epoch: right or wrong, and set anew at any moment. */
  readonly system: () => number;
  /** Milliseconds that only ever grow. */
  readonly monotonic: () => number;
}

/**
 * The time by which this beacon lives: the hub's, as it was last heard, carried on by a clock that nobody sets. So a system clock that
 * is hours off, or jumps, neither moves nor loses a sample, and hub and beacon mean the same by a moment. From start to start
 * the difference to the system's clock is kept; before the first word of a hub it is none.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The hub's clock shows a time between these two this moment. Gives by how much the clock was corrected. */
  readonly heard: (hub: { from: number; to: number }) => number;
}

export function createClock({ settings, system, monotonic }: ClockOptions): Clock {
  let offsetMs = settings.get(KEY, Stored)?.offsetMs ?? 0;
  let ahead = system() + offsetMs - monotonic();
  const now = () => Math.round(ahead + monotonic());
  return {
    now,
    heard: ({ from, to }) => {
      const at = now();
      const correction = at < from - TOLERANCE_MS ? from - at : at > to + TOLERANCE_MS ? to - at : 0;
      ahead += correction;
      const difference = now() - system();
      if (Math.abs(difference - offsetMs) > TOLERANCE_MS) {
        offsetMs = difference;
        settings.put(KEY, { offsetMs });
      }
      return correction;
    },
  };
}
