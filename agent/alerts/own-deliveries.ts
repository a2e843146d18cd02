import { endOfQuiet } from "#shared/alerts/quiet-hours.ts";
import { sendNotice } from "#shared/channel-registry.ts";
import type { ChannelTools, Notice } from "#shared/channels/channel.ts";
import { Problem } from "#shared/problem.ts";
import type { ReportedEvent } from "#shared/protocol/frames.ts";
import type { BeaconChannel } from "#shared/protocol/statement.ts";
import { type Backoff, backoffMs, type Random } from "../backoff.ts";
import type { Log } from "../log.ts";
import type { Outbox } from "./outbox.ts";

/** The hub has so long to take an event before its beacon tells people over the operator's channels itself. */
export const PATIENCE_MS = 120_000;
const BACKOFF: Backoff = { firstMs: 5_000, longestMs: 600_000 };

export interface OwnDeliveriesOptions {
  readonly outbox: Pick<Outbox, "waiting" | "told" | "settle">;
  readonly channels: () => readonly BeaconChannel[];
  /** Whether somebody on this beacon wants nobody to be told of it now. */
  readonly isSilenced: (event: ReportedEvent) => boolean;
  readonly beacon: Notice["beacon"];
  /** Where to look. */
  readonly link: string;
  readonly tools: ChannelTools;
  readonly now: () => number;
  readonly random: Random;
  /** How long the hub has to take an event first, in milliseconds. */
  readonly patienceMs: number;
  /** A delivery has ended: what was held back for it may go to the hub. */
  readonly onSettled: () => void;
  readonly log: Log;
}

/** Brings events to channels from the beacon itself, when the hub does not take them. */
export interface OwnDeliveries {
  /** The hub is there from now on: it has its time again. */
  readonly linked: () => void;
  /** To be called now and then. Resolves when all that was due has been tried. */
  readonly deliver: () => Promise<void>;
  /** Whether an event is on its way this moment; until it is known what became of it, the hub must not be told of it. */
  readonly isUnderWay: (event: string) => boolean;
  /** Why the last try over a channel failed, until one succeeds. */
  readonly problemOf: (channel: string) => Problem | undefined;
}

/** Pure: whether a channel is to be told of it at all. */
export const isWanted = ({ severities }: Pick<BeaconChannel, "severities">, { severity }: ReportedEvent): boolean =>
  severity === "critical" || severities === "all";

export function createOwnDeliveries(options: OwnDeliveriesOptions): OwnDeliveries {
  const { outbox, channels, isSilenced, beacon, link, tools, patienceMs, now, random, onSettled, log } = options;
  const problems = new Map<string, Problem>();
  const pauses = new Map<string, { failures: number; until: number }>();
  const underWay = new Map<string, number>();
  let hubHasTimeFrom = now();
  let running: Promise<void> | undefined;

  const isDue = (channel: BeaconChannel, { event, storedAt }: { event: ReportedEvent; storedAt: number }) => {
    // What is in the future is of before the clock was set back.
    const began = [storedAt, hubHasTimeFrom].filter((at) => at <= now());
    if (now() < Math.max(0, ...began) + patienceMs) return false;
    if (event.severity === "critical") return true;
    return (
      isWanted(channel, event) &&
      (channel.quietHours === undefined || endOfQuiet(channel.quietHours, storedAt) <= now())
    );
  };

  /** @returns whether the next one may be tried. */
  const send = async (channel: BeaconChannel, event: ReportedEvent): Promise<boolean> => {
    underWay.set(event.id, (underWay.get(event.id) ?? 0) + 1);
    try {
      await sendNotice(channel, { event, beacon, link }, tools);
      outbox.settle(event.id, channel.id, "told");
      pauses.delete(channel.id);
      problems.delete(channel.id);
      return true;
    } catch (thrown) {
      const problem = Problem.wrap(thrown);
      problems.set(channel.id, problem);
      log.warn({ problem, cause: problem.cause, channel: channel.name }, "a notice did not go out");
      if (!problem.retryable) {
        outbox.settle(event.id, channel.id, "given-up");
        return true;
      }
      const failures = (pauses.get(channel.id)?.failures ?? 0) + 1;
      pauses.set(channel.id, { failures, until: now() + backoffMs(failures, BACKOFF, random) });
      return false;
    } finally {
      const left = (underWay.get(event.id) ?? 1) - 1;
      if (left === 0) underWay.delete(event.id);
      else underWay.set(event.id, left);
      onSettled();
    }
  };

  const work = async (channel: BeaconChannel) => {
    const pauseMs = (pauses.get(channel.id)?.until ?? 0) - now();
    if (pauseMs > 0 && pauseMs <= BACKOFF.longestMs) return;
    for (const waiting of outbox.waiting(channel.id)) {
      // It may have reached the hub while others were on their way.
      if (!isDue(channel, waiting) || outbox.told(waiting.event.id) === undefined) continue;
      if (isSilenced(waiting.event)) {
        outbox.settle(waiting.event.id, channel.id, "given-up");
        continue;
      }
      if (!(await send(channel, waiting.event))) return;
    }
  };

  return {
    linked: () => {
      hubHasTimeFrom = now();
    },
    deliver: () => {
      running ??= Promise.all(channels().map(work))
        .then(() => undefined)
        .finally(() => {
          running = undefined;
        });
      return running;
    },
    isUnderWay: (event) => underWay.has(event),
    problemOf: (channel) => problems.get(channel),
  };
}
