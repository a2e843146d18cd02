import { join } from "node:path";
import type { KeyRingOptions } from "../key-ring.ts";

/** Commands that were signed with the key before wait for their beacons at most as long. */
const OVERLAP_MS = 30 * 86_400_000;

/** Where the keys are that command beacons, and for how long one still counts that was replaced. */
export const commandKeyRing = (directory: string, now: () => number): KeyRingOptions => ({
  file: join(directory, "command-key.json"),
  use: "command",
  overlapMs: OVERLAP_MS,
  now,
});
