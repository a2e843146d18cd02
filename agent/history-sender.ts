import { numberSpans } from "#shared/metrics/numbered-span.ts";
import type { createSeriesTable } from "#shared/metrics/series-table.ts";
import type { Link } from "./link.ts";
import type { GapLog } from "./metrics/gap-log.ts";
import type { MetricsStore } from "./metrics/store.ts";

/** The first protocol that has the frames. */
const SPOKEN_SINCE = 3;
/** Of one frame: so little that what must not wait is not held up by it. */
const BATCH = { count: 60, characters: 256 * 1024 };
const GAPS = 100;

export interface HistorySenderOptions {
  readonly metrics: Pick<MetricsStore, "missed" | "markFilled">;
  readonly gaps: Pick<GapLog, "unreported" | "markReported">;
  /** How long one frame may be without its acknowledgement before it is sent again. */
  readonly resendMs: number;
  readonly monotonic: () => number;
}

/**
 * Fills in what the hub missed for so long that the samples are gone, one frame at a time. The newest first: that is what people look
 * at, and spans may come in any order.
 */
export interface HistorySender {
  /** @param table The series that this link knows by number. */
  readonly attach: (link: Link, table: ReturnType<typeof createSeriesTable>) => void;
  /** Sends the next part unless one is under way. To be called when nothing newer waits. */
  readonly send: () => void;
  /** Whether one of these frames was of history, which is filled in now. */
  readonly acknowledged: (frames: readonly string[]) => boolean;
}

export function createHistorySender({ metrics, gaps, resendMs, monotonic }: HistorySenderOptions): HistorySender {
  let current: { link: Link; table: ReturnType<typeof createSeriesTable> } | undefined;
  let unconfirmed: { frame: string; done: () => void; sentAt: number } | undefined;

  const next = (link: Link, table: ReturnType<typeof createSeriesTable>) => {
    const silences = gaps.unreported(GAPS);
    if (silences.length > 0) {
      return { frame: link.send({ type: "gaps", gaps: silences }), done: () => gaps.markReported(silences) };
    }
    const missed = metrics.missed(BATCH);
    if (missed === undefined) return undefined;
    const { stepMs } = missed;
    const { series, spans } = numberSpans(table, missed.spans);
    if (series !== undefined) link.send({ type: "series", ...series });
    const starts = spans.map(({ at }) => at);
    return { frame: link.send({ type: "history", stepMs, spans }), done: () => metrics.markFilled(stepMs, starts) };
  };

  return {
    attach: (link, table) => {
      current = { link, table };
      unconfirmed = undefined;
    },
    send: () => {
      if (current === undefined) return;
      const { link, table } = current;
      if (link.signal.aborted || link.congested() || link.protocol() < SPOKEN_SINCE) return;
      if (unconfirmed !== undefined && monotonic() - unconfirmed.sentAt < resendMs) return;
      const sent = next(link, table);
      unconfirmed = sent === undefined ? undefined : { ...sent, sentAt: monotonic() };
    },
    acknowledged: (frames) => {
      if (unconfirmed === undefined || !frames.includes(unconfirmed.frame)) return false;
      unconfirmed.done();
      unconfirmed = undefined;
      return true;
    },
  };
}
