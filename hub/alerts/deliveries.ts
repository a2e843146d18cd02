import { z } from "zod";
import { HUB_ITSELF } from "#shared/api/alerts.ts";
import { sendNotice, testEvent } from "#shared/channel-registry.ts";
import type { ChannelTools } from "#shared/channels/channel.ts";
import { Problem } from "#shared/problem.ts";
import { createNudgedLoop } from "../nudged-loop.ts";
import type { Delivery, DeliveryStore } from "../store/alert-deliveries.ts";
import type { BeaconStore } from "../store/beacons.ts";
import type { Channels } from "./channels.ts";
import { OWNER } from "./plan-deliveries.ts";

/** Who was not reached for a day is not told of yesterday. */
const GIVE_UP_MS = 86_400_000;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 10 * 60_000;
const BATCH = 200;
/** How long what is due may wait at most to be noticed, when nobody says so. */
const LOOK_EVERY_MS = 60_000;

export interface DeliveriesParts {
  readonly store: DeliveryStore;
  readonly channels: Pick<Channels, "open">;
  readonly beacons: Pick<BeaconStore, "get">;
  readonly tools: ChannelTools;
  /** Origin of the hub, for links. */
  readonly origin: string;
  readonly now: () => number;
  /** Told of each delivery that failed. */
  readonly onProblem: (problem: Problem, delivery: Pick<Delivery, "channel">) => void;
}

/**
 * Brings events to channels. What waits is in the database until the other side has taken it, so it is delivered at least
 * once, under the same id each time. A channel gets its events one after the other, in the order in which they happened; one that
 * does not answer holds up no other.
 */
export interface Deliveries {
  /** Something may be due. */
  nudge(): void;
  /** @throws {Problem} as the channel does */
  test(channel: string): Promise<void>;
  start(): void;
  /** Returns when nothing is under way. What was not delivered waits for the next start. */
  stop(): Promise<void>;
}

export function createDeliveries(parts: DeliveriesParts): Deliveries {
  const { store, channels, beacons, tools, origin, now, onProblem } = parts;
  const pauses = new Map<string, { failures: number; until: number }>();
  const busy = new Map<string, Promise<void>>();

  /** @returns whether the next one may be tried. */
  const deliver = async (delivery: Delivery): Promise<boolean> => {
    const { number, channel, beacon: id, event, receivedAt } = delivery;
    try {
      // The beacon may have said meanwhile that it has told this channel.
      if (!(await store.isWaiting(number))) return true;
      const about = await aboutOf(id);
      if (about === undefined) await store.end(number, "needless", now());
      else if (!(await store.dropOver(delivery, now()))) {
        const way = channel === OWNER ? { kind: "email", settings: { to: about.owner } } : await channels.open(channel);
        await sendNotice(way, { event, ...about.notice }, tools);
        await store.end(number, "done", now());
      }
      pauses.delete(channel);
      return true;
    } catch (error) {
      const problem = Problem.wrap(error);
      onProblem(problem, delivery);
      const isLate = now() - receivedAt > GIVE_UP_MS;
      if (isLate || !problem.retryable) {
        await store.end(number, "given-up", now(), problem);
        return !problem.retryable;
      }
      pause(channel, problem);
      await store.failed(number, problem);
      return false;
    }
  };

  /** What a notice says it is about; nothing of a beacon that has left the fleet. */
  const aboutOf = async (id: string) => {
    if (id === HUB_ITSELF) {
      const hub = { id: HUB_ID, name: "hub", domain: new URL(origin).hostname };
      return { owner: "", notice: { beacon: hub, link: `${origin}/alerts` } };
    }
    const beacon = await beacons.get(id);
    if (beacon === undefined) return undefined;
    const { name, domain, email } = beacon;
    return { owner: email, notice: { beacon: { id, name, domain }, link: `${origin}/beacons/${id}` } };
  };

  const pause = (channel: string, problem: Problem) => {
    const failures = (pauses.get(channel)?.failures ?? 0) + 1;
    const backoffMs = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
    pauses.set(channel, { failures, until: now() + Math.max(backoffMs, retryAfterMs(problem)) });
  };

  const work = async (due: readonly Delivery[], signal: AbortSignal) => {
    for (const delivery of due) if (signal.aborted || !(await deliver(delivery))) return;
  };

  /** @returns how long until there is something to do again. */
  const look = async (signal: AbortSignal): Promise<number> => {
    // As it is before the look: what a lane ends meanwhile still waits in what is seen.
    const wasBusy = new Set(busy.keys());
    const isFree = (channel: string) => !wasBusy.has(channel) && (pauses.get(channel)?.until ?? 0) <= now();
    const due = (await store.due(now(), BATCH)).filter(({ channel }) => isFree(channel));
    for (const [channel, deliveries] of Map.groupBy(due, (one) => one.channel)) {
      const lane = work(deliveries, signal)
        .catch((error: unknown) => onProblem(Problem.wrap(error), { channel }))
        .finally(() => {
          busy.delete(channel);
          // What became due meanwhile.
          loop.nudge();
        });
      busy.set(channel, lane);
    }
    const later = [...pauses.values()].map(({ until }) => until).filter((until) => until > now());
    const next = await store.nextDueAt();
    const moments = [...later, ...(next === undefined || next <= now() ? [] : [next])];
    return Math.min(LOOK_EVERY_MS, ...moments.map((at) => at - now()));
  };

  const loop = createNudgedLoop({
    turn: look,
    onError: (error) => onProblem(Problem.wrap(error), { channel: "" }),
    errorPauseMs: FIRST_PAUSE_MS,
  });

  return {
    nudge: loop.nudge,
    test: async (id) => {
      const beacon = { id: "bcn_00000000-test", name: "test", domain: new URL(origin).hostname };
      await sendNotice(
        await channels.open(id),
        { event: testEvent(now(), "this hub"), beacon, link: `${origin}/alerts` },
        tools,
      );
    },
    start: loop.start,
    stop: async () => {
      await loop.stop();
      await Promise.all(busy.values());
    },
  };
}

/** In notices that are of no beacon. */
const HUB_ID = "bcn_00000000-hub";

const RetryAfter = z.object({ retryAfterSeconds: z.number().positive() });

/** What the other side asked for, within reason. */
function retryAfterMs({ details }: Problem): number {
  const asked = RetryAfter.safeParse(details);
  return asked.success ? Math.min(asked.data.retryAfterSeconds * 1000, 3_600_000) : 0;
}
