import type { AgentStatus } from "#shared/api/status.ts";
import type { Outbox } from "./alerts/outbox.ts";
import type { CommandQueue } from "./command-queue.ts";
import type { MetricsStore } from "./metrics/store.ts";

/** Beyond it nobody wants to know how many. */
const MOST_COUNTED = 1_000;
const ANY_SIZE = Number.MAX_SAFE_INTEGER;
/** Older values say nothing about now. */
const FRESH_MS = 120_000;

export interface StatusOptions {
  readonly agentVersion: string;
  readonly queue: Pick<CommandQueue, "unacknowledged">;
  readonly metrics: Pick<MetricsStore, "unreported" | "view">;
  readonly outbox: Pick<Outbox, "unacknowledged">;
  readonly now: () => number;
}

/** How the agent is, for whoever asks on its beacon. */
export function createStatus({ agentVersion, queue, metrics, outbox, now }: StatusOptions): () => AgentStatus {
  const startedAt = now();
  return () => {
    const newest = metrics.view(now() - FRESH_MS, now()).points.at(-1);
    const means = Object.entries(newest?.values ?? {}).map(([series, [, mean]]) => [series, mean] as const);
    return {
      agentVersion,
      startedAt,
      now: now(),
      waiting: {
        samples: metrics.unreported({ count: MOST_COUNTED, characters: ANY_SIZE }).length,
        events: outbox.unacknowledged(MOST_COUNTED).length,
        results: queue.unacknowledged().length,
      },
      ...(newest === undefined ? {} : { sample: { at: newest.at, values: Object.fromEntries(means) } }),
    };
  };
}
