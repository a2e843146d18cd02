import { type Alert, evaluate } from "#shared/alerts/evaluate.ts";
import type { AlertRule } from "#shared/alerts/rule.ts";
import type { HubAlertStore, WatchedBeacon } from "../store/hub-alerts.ts";
import type { AlertIntake } from "./intake.ts";
import type { PlanDeliveries } from "./plan-deliveries.ts";

/** Agents that were connected to the hub before it was started anew are back by then: they wait 60 seconds at most. */
const RETURN_MS = 90_000;

export interface OfflineWatchParts {
  readonly store: HubAlertStore;
  readonly links: { isOnline(beacon: string): boolean };
  readonly rules: () => Promise<readonly AlertRule[]>;
  readonly deliveriesOf: () => Promise<PlanDeliveries>;
  readonly announce: AlertIntake["announce"];
  readonly now: () => number;
}

/** Finds the beacons of which nothing is heard. */
export interface OfflineWatch {
  /** To be called every few seconds. */
  sweep(): Promise<void>;
}

export function createOfflineWatch(parts: OfflineWatchParts): OfflineWatch {
  const { store, links, rules, deliveriesOf, announce, now } = parts;
  const startedAt = now();
  /** When a beacon was found online last: what is stored of that is up to a minute old, and written only after its link is gone. */
  const onlineAt = new Map<string, number>();

  /** Since when nobody has heard of it; nothing while that cannot be said. */
  const silentSince = ({ id, lastSeenAt }: WatchedBeacon, known: readonly Alert[]): number | undefined => {
    if (links.isOnline(id)) {
      onlineAt.set(id, now());
      return now();
    }
    if (now() - startedAt < RETURN_MS) return undefined;
    const isFiring = known.some(({ phase }) => phase === "firing");
    // While this hub was down nobody could be heard; what was said before that still holds.
    return isFiring ? lastSeenAt : Math.max(lastSeenAt, startedAt, onlineAt.get(id) ?? 0);
  };

  return {
    sweep: async () => {
      const own = (await rules()).filter(({ seenBy }) => seenBy === "hub");
      const known = await store.alerts();
      for (const beacon of await store.watched()) {
        const before = known.get(beacon.id) ?? [];
        const since = silentSince(beacon, before);
        if (since === undefined || (links.isOnline(beacon.id) && before.length === 0)) continue;
        const at = now();
        const values = { offline_seconds: Math.max(0, Math.round((at - since) / 1000)) };
        const { alerts, events } = evaluate({ rules: own, alerts: before, values, at });
        // How long it has been is told by the time, and need not be written down again and again.
        if (events.length === 0 && phasesOf(alerts) === phasesOf(before)) continue;
        const deliveries = await deliveriesOf();
        const added = await store.replace(
          beacon.id,
          alerts,
          events.map((event) => ({
            beacon: beacon.id,
            event,
            receivedAt: at,
            deliveries: deliveries(event, { told: [], at }),
          })),
        );
        announce(added);
      }
    },
  };
}

const phasesOf = (alerts: readonly Alert[]) => alerts.map(({ rule, phase }) => `${rule} ${phase}`).join();
