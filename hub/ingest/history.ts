import type { Gap } from "#shared/metrics/gaps.ts";
import { resolutions } from "#shared/metrics/rollup.ts";
import { Problem } from "#shared/problem.ts";
import type { AgentFrame } from "#shared/protocol/frames.ts";
import type { GapStore } from "../store/gaps.ts";
import type { RollupStore } from "../store/rollups.ts";
import type { Layout } from "../store/series-layouts.ts";

type Told = Pick<Extract<AgentFrame, { type: "history" }>, "stepMs" | "spans">;

const [, ...coarser] = resolutions;

export interface HistoryParts {
  readonly rollups: Pick<RollupStore, "addWhole">;
  readonly gaps: GapStore;
  readonly now: () => number;
}

/** Takes in what beacons fill in later: how they did while there was no link, and when they measured nothing. */
export interface History {
  /** @throws {Problem} `invalid_frame` for a resolution that is not kept, or series without names */
  spans(beacon: string, layout: Layout | undefined, told: Told): Promise<void>;
  gaps(beacon: string, gaps: readonly Gap[]): Promise<void>;
  readonly counters: { readonly spans: number; readonly repeated: number; readonly refused: number };
}

export function createHistory({ rollups, gaps, now }: HistoryParts): History {
  const counters = { spans: 0, repeated: 0, refused: 0 };
  return {
    counters,
    spans: async (beacon, layout, { stepMs, spans }) => {
      const resolution = coarser.find((known) => known.stepMs === stepMs);
      if (resolution === undefined) throw new Problem("invalid_frame", `spans of ${stepMs} ms are not kept here`);
      if (layout === undefined) throw new Problem("invalid_frame", "spans came before their series had names");
      // What is not over yet is told as samples; what is older than it is kept is told in a coarser span.
      const usable = spans.filter(
        ({ at }) => at % stepMs === 0 && at + stepMs <= now() + stepMs && at >= now() - resolution.keptMs - stepMs,
      );
      const news = await rollups.addWhole({ beacon, stepMs, layout, spans: usable });
      counters.spans += news;
      counters.repeated += usable.length - news;
      counters.refused += spans.length - usable.length;
    },
    gaps: (beacon, told) =>
      gaps.add(
        beacon,
        told.filter(({ from, to }) => from < to && to <= now() + AHEAD_MS),
      ),
  };
}

/** Clocks are set by the hub's to within seconds. */
const AHEAD_MS = 60_000;
