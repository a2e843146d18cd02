import type { AlertEvent } from "#shared/alerts/evaluate.ts";
import { endOfQuiet } from "#shared/alerts/quiet-hours.ts";
import type { ChannelOptions } from "#shared/api/channels.ts";
import type { NewDelivery } from "../store/alert-events.ts";

export interface Occasion {
  /** Channels to which the beacon itself has delivered it. */
  readonly told: readonly string[];
  /** The hub's clock. */
  readonly at: number;
}

export type PlanDeliveries = (event: AlertEvent, occasion: Occasion) => NewDelivery[];

type Addressee = { readonly id: string } & Pick<ChannelOptions, "severities" | "quietHours">;

/** Which channels an event goes to, and when: what is critical at once, all else when the channel's quiet time is over. */
export const planDeliveries =
  (channels: readonly Addressee[]): PlanDeliveries =>
  (event, { told, at }) =>
    channels
      .filter(({ severities }) => severities === "all" || event.severity === "critical")
      .map(({ id, quietHours }) => ({
        channel: id,
        state: told.includes(id) ? "told" : "waiting",
        dueAt: quietHours === undefined || event.severity === "critical" ? at : endOfQuiet(quietHours, at),
      }));
