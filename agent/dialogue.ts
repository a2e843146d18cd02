import { commandNames } from "#shared/command-registry.ts";
import type { Alerting } from "./alerts/alerting.ts";
import type { Random } from "./backoff.ts";
import type { CommandQueue } from "./command-queue.ts";
import { type ConnectionOptions, type ConnectionTimes, keepConnected } from "./connection.ts";
import type { NewId } from "./id.ts";
import { createInbox } from "./inbox.ts";
import type { InventoryWatch } from "./inventory-watch.ts";
import type { LinkOptions } from "./link.ts";
import type { Log } from "./log.ts";
import type { Measuring } from "./metrics/measuring.ts";
import type { QueryHandlers } from "./queries/index.ts";
import { createReporter } from "./reporter.ts";
import type { StreamSources } from "./streams/index.ts";
import { createOpenStreams } from "./streams/open-streams.ts";
import type { Trust } from "./trust/trust.ts";

export interface DialogueParts {
  /** Origin of the hub. */
  readonly hub: string;
  readonly beacon: string;
  readonly agentVersion: string;
  readonly trust: Trust;
  readonly alerting: Alerting;
  readonly measuring: Pick<Measuring, "metrics" | "gaps" | "live">;
  readonly queue: CommandQueue;
  readonly plan: QueryHandlers["plan"];
  readonly streams: StreamSources;
  readonly inventory: InventoryWatch;
  readonly times: ConnectionTimes;
  /** How often what was not acknowledged is sent again on the same link. */
  readonly resendMs: number;
  /** The hub has welcomed this agent. */
  readonly onWelcome?: () => void;
  readonly onHubTime: LinkOptions["onHubTime"];
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly newId: NewId;
  readonly random: Random;
  readonly log: Log;
}

/** All that this agent and its hub say to each other. */
export interface Dialogue {
  /** A sample was stored. */
  readonly sampled: () => void;
  /** Something about events of alerts changed. */
  readonly alerted: () => void;
  /** Stays linked until `stop` is aborted, or the beacon has left its hub and said goodbye. */
  readonly keep: (stop: AbortSignal) => Promise<void>;
  /** What is left to be said waits for the next start. */
  readonly stop: () => void;
}

/** Joins what has something to say, and what obeys, by the link that carries both. */
export function createDialogue(parts: DialogueParts): Dialogue {
  const { hub, beacon, trust, alerting, measuring, queue, inventory, resendMs, now, monotonic, log } = parts;
  const { commandKeys, departure, rotation } = trust;
  const reporter = createReporter({
    ...measuring,
    queue,
    alerts: alerting.alerts,
    outbox: alerting.outbox,
    isUnderWay: alerting.ownDeliveries.isUnderWay,
    inventory,
    resendMs,
    monotonic,
    log,
  });
  const receive = createInbox({
    beacon,
    commandKeys: commandKeys.current,
    queue,
    queries: { plan: parts.plan, journal: async (request) => queue.journal(request) },
    streams: createOpenStreams(parts.streams, log),
    acknowledged: (frames) => {
      reporter.acknowledged(frames);
      rotation.acknowledged(frames);
    },
    follow: reporter.follow,
    sendResult: reporter.sendResult,
    watch: reporter.watch,
    alerting: alerting.settings.receive,
    people: trust.people.receive,
    leave: departure.receive,
    now,
    log,
  });
  const connection: ConnectionOptions = {
    hub,
    beacon,
    keys: commandKeys,
    identity: trust.identity,
    agentVersion: parts.agentVersion,
    commands: commandNames,
    running: queue.open,
    unacknowledged: () => queue.unacknowledged().map(({ command }) => command),
    newId: parts.newId,
    monotonic,
    times: parts.times,
    status: trust.linkStatus,
    random: parts.random,
    onWelcome: (link) => {
      trust.linked(link);
      alerting.ownDeliveries.linked();
      log.info({ hub }, "linked to the hub");
      reporter.attach(link);
      parts.onWelcome?.();
    },
    onHubTime: parts.onHubTime,
    onFrame: receive,
    log,
  };
  return {
    sampled: reporter.sampled,
    alerted: reporter.alerted,
    keep: async (stop) => {
      await keepConnected(connection, AbortSignal.any([stop, departure.gone]));
      await departure.sayGoodbye(stop);
    },
    stop: reporter.stop,
  };
}
