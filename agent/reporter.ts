import { type CommandView, endedStates } from "#shared/api/beacon.ts";
import type { Inventory } from "#shared/inventory.ts";
import type { Sample } from "#shared/metrics/sample.ts";
import { createSeriesTable } from "#shared/metrics/series-table.ts";
import type { CommandResult } from "#shared/protocol/frames.ts";
import type { Alerts } from "./alerts/alerts.ts";
import { createEventSender } from "./alerts/event-sender.ts";
import type { Outbox } from "./alerts/outbox.ts";
import type { CommandQueue } from "./command-queue.ts";
import { createHistorySender } from "./history-sender.ts";
import type { InventoryWatch } from "./inventory-watch.ts";
import type { Link } from "./link.ts";
import type { Log } from "./log.ts";
import type { GapLog } from "./metrics/gap-log.ts";
import type { Live } from "./metrics/live.ts";
import type { MetricsStore } from "./metrics/store.ts";

/** The first protocol in which names of series are said once. */
const NAMES_ONCE_SINCE = 3;
/** Of one frame: well below the size of a frame, also for a beacon with many containers. */
const BATCH = { count: 100, characters: 512 * 1024 };

export interface ReporterOptions {
  readonly queue: Pick<CommandQueue, "get" | "onChange" | "result" | "unacknowledged" | "acknowledge">;
  readonly metrics: Pick<MetricsStore, "unreported" | "markReported" | "missed" | "markFilled">;
  readonly gaps: Pick<GapLog, "unreported" | "markReported">;
  readonly alerts: Pick<Alerts, "listen">;
  readonly outbox: Pick<Outbox, "unacknowledged" | "acknowledge">;
  /** Whether this beacon is bringing an event to a channel this moment. */
  readonly isUnderWay: (event: string) => boolean;
  readonly live: Live;
  readonly inventory: InventoryWatch;
  /** How often what was not acknowledged is sent again on the same link. */
  readonly resendMs: number;
  readonly monotonic: () => number;
  readonly log: Log;
}

/** Tells the hub what it must know: everything that was not acknowledged yet on each new link, then what is new. */
export interface Reporter {
  /** A link was welcomed: from now on it is the one. */
  readonly attach: (link: Link) => void;
  /** The hub asked for this command, so it wants to know how it goes. */
  readonly follow: (command: string) => void;
  readonly sendResult: (result: CommandResult, link: Link) => void;
  /** What these frames said is stored at the hub. */
  readonly acknowledged: (frames: readonly string[]) => void;
  /** A sample was stored. */
  readonly sampled: () => void;
  /** Something about events of alerts changed. */
  readonly alerted: () => void;
  /** Live samples for so many seconds from now. */
  readonly watch: (seconds: number, link: Link) => void;
  readonly stop: () => void;
}

export function createReporter(options: ReporterOptions): Reporter {
  const { queue, metrics, live, inventory, log, monotonic, resendMs } = options;
  let link: Link | undefined;
  let table = createSeriesTable();
  let unconfirmed: { frame: string; moments: number[]; sentAt: number } | undefined;
  let lease: { timer: NodeJS.Timeout; stop: () => void } | undefined;
  const events = createEventSender({ ...options, resendMs, monotonic });
  const history = createHistorySender(options);
  const followed = new Set<string>();
  /** Commands by the frames in which their results went out on this link. */
  const results = new Map<string, string>();

  const sendSamples = () => {
    if (link === undefined || link.congested()) return;
    if (unconfirmed !== undefined && monotonic() - unconfirmed.sentAt < resendMs) return;
    const samples: Sample[] = metrics.unreported(BATCH);
    unconfirmed =
      samples.length === 0
        ? undefined
        : { frame: report(samples, link), moments: samples.map(({ at }) => at), sentAt: monotonic() };
    // Only when nothing new waits, so that what is old delays it by one frame at most.
    if (unconfirmed === undefined) history.send();
  };

  const report = (samples: Sample[], to: Link): string => {
    if (to.protocol() < NAMES_ONCE_SINCE) return to.send({ type: "metrics", samples });
    const numbered = table.number(samples);
    if (numbered.series !== undefined) to.send({ type: "series", ...numbered.series });
    return to.send({ type: "report", samples: numbered.samples });
  };

  const sendResult = (result: CommandResult, to: Link) => {
    results.set(to.send({ type: "result", result }), result.command);
  };
  const sendResults = () => {
    if (link === undefined) return;
    for (const result of queue.unacknowledged()) {
      // What is left out is sent with the next round: it stays in the journal until it is acknowledged.
      if (link.congested()) return;
      sendResult(result, link);
    }
  };

  const sendInventory = (inventory: Inventory) => {
    link?.send({ type: "inventory", inventory });
  };

  const commandChanged = (view: CommandView) => {
    if (endedStates.includes(view.state)) {
      followed.delete(view.id);
      const result = queue.result(view.id);
      if (result !== undefined && link !== undefined) sendResult(result, link);
    } else {
      sendProgress(view);
    }
  };
  /** Each progress stands for itself: the next one tells more than one that is late. */
  const sendProgress = (view: CommandView) => {
    if (link === undefined || link.congested() || view.progress === undefined || !followed.has(view.id)) return;
    const startedAt = view.startedAt === undefined ? {} : { startedAt: view.startedAt };
    link.send({ type: "progress", progress: view.progress, ...startedAt });
  };

  const endLease = () => {
    clearTimeout(lease?.timer);
    lease?.stop();
    lease = undefined;
  };

  const stops = [queue.onChange(commandChanged), inventory.listen(sendInventory), options.alerts.listen(events.send)];
  const resend = setInterval(() => {
    sendResults();
    sendSamples();
    events.send();
  }, resendMs);

  return {
    attach: (welcomed) => {
      link = welcomed;
      table = createSeriesTable();
      history.attach(welcomed, table);
      unconfirmed = undefined;
      results.clear();
      welcomed.signal.addEventListener("abort", () => {
        if (link !== welcomed) return;
        link = undefined;
        endLease();
      });
      sendResults();
      events.attach(welcomed);
      sendSamples();
      const known = inventory.latest();
      if (known !== undefined) sendInventory(known);
      inventory.fresh().catch((error: unknown) => log.error({ error }, "the inventory could not be taken"));
    },
    follow: (command) => {
      const view = queue.get(command);
      if (view !== undefined && endedStates.includes(view.state)) return;
      followed.add(command);
      if (view !== undefined) sendProgress(view);
    },
    sendResult,
    acknowledged: (frames) => {
      queue.acknowledge(frames.flatMap((frame) => results.get(frame) ?? []));
      for (const frame of frames) results.delete(frame);
      events.acknowledged(frames);
      const wasHistory = history.acknowledged(frames);
      const wasSamples = unconfirmed !== undefined && frames.includes(unconfirmed.frame);
      if (unconfirmed !== undefined && wasSamples) {
        metrics.markReported(unconfirmed.moments);
        unconfirmed = undefined;
      }
      if (wasSamples || wasHistory) sendSamples();
    },
    sampled: sendSamples,
    alerted: events.send,
    watch: (seconds, watcher) => {
      const stop =
        lease?.stop ??
        live.listen((sample) => {
          if (!watcher.congested()) watcher.send({ type: "live", sample });
        });
      clearTimeout(lease?.timer);
      lease = { stop, timer: setTimeout(endLease, seconds * 1000) };
    },
    stop: () => {
      for (const stop of stops) stop();
      clearInterval(resend);
      endLease();
    },
  };
}
