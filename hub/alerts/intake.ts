import type { ReportedEvent } from "#shared/protocol/frames.ts";
import type { Live } from "../live.ts";
import type { AlertEventStore, BeaconAlert, NewAlertEvent } from "../store/alert-events.ts";
import type { PlanDeliveries } from "./plan-deliveries.ts";

export interface AlertIntakeParts {
  readonly events: Pick<AlertEventStore, "add">;
  /** Whom to tell of an event, and when. */
  readonly deliveriesOf: (beacon: string) => Promise<PlanDeliveries>;
  readonly live: Live;
  /** There is something to deliver. */
  readonly onDue: () => void;
  readonly now: () => number;
}

/** Takes in what beacons report of their alerts. */
export interface AlertIntake {
  /** Resolves when the events are stored, so that the agent may be told to forget them. Each counts once. */
  take(beacon: string, events: readonly ReportedEvent[]): Promise<void>;
  /** Events that were stored by whoever saw them: tells who looks, and has them delivered. */
  announce(events: readonly BeaconAlert[]): void;
}

export function createAlertIntake({ events, deliveriesOf, live, onDue, now }: AlertIntakeParts): AlertIntake {
  const announce: AlertIntake["announce"] = (added) => {
    for (const alert of added) live.publish("alert", alert);
    if (added.length > 0) onDue();
  };
  return {
    take: async (beacon, reported) => {
      const deliveries = await deliveriesOf(beacon);
      const receivedAt = now();
      const arrived = reported.map(
        ({ told, ...event }): NewAlertEvent => ({
          beacon,
          event,
          receivedAt,
          deliveries: deliveries(event, { told, at: receivedAt }),
        }),
      );
      announce(await events.add(arrived));
    },
    announce,
  };
}
