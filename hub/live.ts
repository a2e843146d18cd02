import type { AlertEvent } from "#shared/alerts/evaluate.ts";
import type { BeaconOverview, CommandView } from "#shared/api/beacon.ts";
import type { BeaconSummary, JobView } from "#shared/api/hub.ts";
import type { LifecycleJobView } from "#shared/api/lifecycle.ts";
import type { Sample } from "#shared/metrics/sample.ts";
import type { Beacon } from "./store/beacons.ts";

/** What happens in the hub, for whoever looks at this moment. Nothing here is kept: the store has what must not be lost. */
export interface Topics {
  /** A job entered a state, or said something. */
  job: JobView;
  /** A change of a beacon as a whole got further. */
  lifecycle: LifecycleJobView;
  /** Beacons as the fleet's list shows them, and whose they are. */
  beacons: readonly { readonly beacon: Pick<Beacon, "owner" | "email">; readonly summary: BeaconSummary }[];
  /** A beacon as its own page shows it. */
  overview: BeaconOverview;
  /** A command changed, progress included. */
  command: { readonly beacon: string; readonly command: CommandView };
  /** Something is wrong with a beacon from now on, or not any more. */
  alert: { readonly beacon: string; readonly event: AlertEvent };
  /** A sample of this second from a beacon that somebody watches. */
  live: { readonly beacon: string; readonly sample: Sample };
}

export type Topic = keyof Topics;
type Listeners = { [T in Topic]: Set<(event: Topics[T]) => void> };

/** A typed bus inside one process. Listeners are called at once and in order; one that throws does not stop the others. */
export interface Live {
  publish<T extends Topic>(topic: T, event: Topics[T]): void;
  /** Whether anybody listens, for events that cost something to make. */
  isHeard(topic: Topic): boolean;
  /** @returns a function that ends the subscription. */
  subscribe<T extends Topic>(topic: T, listener: (event: Topics[T]) => void): () => void;
}

/** @param onError Told what a listener threw. */
export function createLive(onError: (error: unknown) => void): Live {
  const listeners: Listeners = {
    job: new Set(),
    lifecycle: new Set(),
    beacons: new Set(),
    overview: new Set(),
    command: new Set(),
    alert: new Set(),
    live: new Set(),
  };
  return {
    publish: (topic, event) => {
      for (const listener of [...listeners[topic]]) {
        try {
          listener(event);
        } catch (error) {
          onError(error);
        }
      }
    },
    isHeard: (topic) => listeners[topic].size > 0,
    subscribe: (topic, listener) => {
      listeners[topic].add(listener);
      return () => listeners[topic].delete(listener);
    },
  };
}
