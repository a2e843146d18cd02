import type { GapLog } from "./gap-log.ts";
import { gapsSince } from "./gaps-since.ts";
import type { HostFiles } from "./host-files.ts";
import type { MetricsStore } from "./store.ts";

/** `USER_HZ`, the unit of times in `/proc/<pid>/stat`, on each architecture that Node runs on (proc_pid_stat(5)). */
const TICKS_PER_SECOND = 100;
/** Fields of `/proc/<pid>/stat` after the name in parentheses, which may hold anything; `starttime` is the 22nd of all. */
const STARTTIME = 22 - 3;

/**
 * Since when this system has been up, in milliseconds: the age of its first process, so that a container that is a system of its own
 * is not as old as the machine under it. Undefined where `/proc` does not tell.
 */
export function systemAgeMs(files: Pick<HostFiles, "read">): number | undefined {
  const uptimeSeconds = Number.parseFloat(files.read("/proc/uptime") ?? "");
  const stat = files.read("/proc/1/stat") ?? "";
  const started = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[STARTTIME] ?? 0) / TICKS_PER_SECOND;
  const ageMs = Math.round((uptimeSeconds - started) * 1000);
  return Number.isNaN(ageMs) ? undefined : ageMs;
}

export interface GapWatchOptions {
  readonly files: Pick<HostFiles, "read">;
  readonly store: Pick<MetricsStore, "newest">;
  readonly gaps: Pick<GapLog, "add">;
  readonly sampleMs: number;
  readonly monotonic: () => number;
}

/** Writes down when nothing was measured: while this machine was off, or its agent did not run or was kept from running. */
export interface GapWatch {
  /** A sample of that moment is about to be stored. */
  readonly sampled: (at: number) => void;
}

export function createGapWatch({ files, store, gaps, sampleMs, monotonic }: GapWatchOptions): GapWatch {
  const newest = store.newest();
  let last: { at: number; monotonic?: number } | undefined = newest;
  return {
    sampled: (at) => {
      const elapsed = monotonic();
      // Where the clock was corrected meanwhile, nothing is known of the time that it skipped.
      const isCorrected =
        last?.monotonic !== undefined && Math.abs(at - last.at - (elapsed - last.monotonic)) > 2 * sampleMs;
      if (last !== undefined && !isCorrected) {
        const bootedAt = at - (systemAgeMs(files) ?? at);
        gaps.add(gapsSince({ lastSampleAt: last.at, sampleAt: at, sampleMs, bootedAt }));
      }
      last = { at, monotonic: elapsed };
    },
  };
}
