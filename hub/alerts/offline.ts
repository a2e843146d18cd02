import { type Alert, evaluate } from "#shared/alerts/evaluate.ts";
import type { AlertRule } from "#shared/alerts/rule.ts";
import { HUB_ITSELF } from "#shared/api/alerts.ts";
import type { HubAlertStore, WatchedBeacon } from "../store/hub-alerts.ts";
import { fleetSilence } from "./fleet-silence.ts";
import type { AlertIntake } from "./intake.ts";
import type { PlanDeliveries } from "./plan-deliveries.ts";

/** Agents that were connected to the hub before it was started anew are back by then: they wait 60 seconds at most. */
const RETURN_MS = 90_000;

export interface OfflineWatchParts {
  readonly store: HubAlertStore;
  readonly links: { isOnline(beacon: string): boolean };
  readonly rules: () => Promise<readonly AlertRule[]>;
  readonly deliveriesOf: (beacon: string) => Promise<PlanDeliveries>;
  readonly announce: AlertIntake["announce"];
  readonly now: () => number;
}

/** Finds the beacons of which nothing is heard, and finds when that is the hub's own fault. */
export interface OfflineWatch {
  /** To be called every few seconds. */
  sweep(): Promise<void>;
}

interface Round {
  readonly rules: readonly AlertRule[];
  readonly at: number;
  /** Rules by which the hub itself is the cause. */
  readonly causes: readonly string[];
}

export function createOfflineWatch(parts: OfflineWatchParts): OfflineWatch {
  const { store, links, rules, deliveriesOf, announce, now } = parts;
  let startedAt = now();
  /** When a beacon was found online last: what is stored of that is up to a minute old, and written only after its link is gone. */
  const onlineAt = new Map<string, number>();
  /** What fired for the hub itself, and until when it still explains that beacons are away: they need time to come back. */
  const explains = new Map<string, number>();

  /** Since when nobody has heard of it; nothing while that cannot be said. */
  const silentSince = ({ id, lastSeenAt }: WatchedBeacon, known: readonly Alert[]): number | undefined => {
    if (links.isOnline(id)) {
      onlineAt.set(id, now());
      return now();
    }
    if (now() - startedAt < RETURN_MS) return undefined;
    const isFiring = known.some(({ phase }) => phase === "firing");
    const isInFuture = lastSeenAt > now();
    // While this hub was down nobody could be heard; what was said before that still holds.
    if (isFiring) return isInFuture ? undefined : lastSeenAt;
    return Math.max(isInFuture ? 0 : lastSeenAt, startedAt, onlineAt.get(id) ?? 0);
  };

  /** A clock that was set back must not make it wait for what is in the future: it counts from here on. */
  const forgetFuture = (at: number) => {
    startedAt = Math.min(startedAt, at);
    for (const [id, seenAt] of onlineAt) onlineAt.set(id, Math.min(seenAt, at));
    for (const [rule, until] of explains) explains.set(rule, Math.min(until, at + RETURN_MS));
  };

  /** @returns what fires by the rules now. */
  const judge = async (
    of: string,
    { before, values }: { before: readonly Alert[]; values: Record<string, number> },
    { rules: own, at, causes }: Round,
  ): Promise<readonly Alert[]> => {
    const { alerts, events } = evaluate({ rules: own, alerts: before, values, at, causes });
    // How long it has been is told by the time, and need not be written down again and again.
    if (events.length === 0 && phasesOf(alerts) === phasesOf(before)) return alerts;
    const deliveries = await deliveriesOf(of);
    const added = await store.replace(
      of,
      alerts,
      events.map((event) => ({ beacon: of, event, receivedAt: at, deliveries: deliveries(event, { told: [], at }) })),
    );
    announce(added);
    return alerts;
  };

  return {
    sweep: async () => {
      const own = (await rules()).filter(({ seenBy }) => seenBy === "hub");
      const known = await store.alerts();
      const at = now();
      forgetFuture(at);
      const watched = (await store.watched()).map((beacon) => {
        const before = known.get(beacon.id) ?? [];
        return { id: beacon.id, before, isOnline: links.isOnline(beacon.id), since: silentSince(beacon, before) };
      });

      const ofHub = known.get(HUB_ITSELF) ?? [];
      const values = fleetSilence(watched, { at, since: Math.min(at, ...ofHub.map(({ since }) => since)) });
      const firing = await judge(HUB_ITSELF, { before: ofHub, values }, { rules: own, at, causes: [] });
      for (const { rule, phase } of firing) if (phase === "firing") explains.set(rule, at + RETURN_MS);
      const causes = [...explains].filter(([, until]) => at < until).map(([rule]) => rule);

      for (const { id, before, isOnline, since } of watched) {
        if (since === undefined || (isOnline && before.length === 0)) continue;
        const silence = { offline_seconds: Math.max(0, Math.round((at - since) / 1000)) };
        await judge(id, { before, values: silence }, { rules: own, at, causes });
      }
    },
  };
}

const phasesOf = (alerts: readonly Alert[]) => alerts.map(({ rule, phase }) => `${rule} ${phase}`).join();
