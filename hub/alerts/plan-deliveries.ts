import type { AlertEvent } from "#shared/alerts/evaluate.ts";
import { endOfQuiet } from "#shared/alerts/quiet-hours.ts";
import { type OwnerNotices, type Silence, silences } from "#shared/api/alerts.ts";
import type { ChannelOptions } from "#shared/api/channels.ts";
import type { NewDelivery } from "../store/alert-events.ts";

export interface Occasion {
  /** Channels to which the beacon itself has delivered it. */
  readonly told: readonly string[];
  /** The hub's clock. */
  readonly at: number;
}

export type PlanDeliveries = (event: AlertEvent, occasion: Occasion) => NewDelivery[];

/** In place of a channel's id: whom the beacon belongs to. */
export const OWNER = "owner";

type Addressee = { readonly id: string } & Pick<ChannelOptions, "severities" | "quietHours">;

export interface Audience {
  readonly channels: readonly Addressee[];
  /** What the owner wants to hear of; absent where there is none. */
  readonly owner?: OwnerNotices["ownerMail"] | undefined;
  readonly silences: readonly Silence[];
}

/**
 * Which channels an event goes to, and when: what is critical at once, all else when the channel's quiet time is over. The owner is
 * one of them. What is silenced goes nowhere, nor does its end.
 */
export const planDeliveries = ({ channels, owner = "none", silences: silenced }: Audience): PlanDeliveries => {
  const all: readonly Addressee[] = owner === "none" ? channels : [...channels, { id: OWNER, severities: owner }];
  return (event, { told, at }) =>
    silenced.some((silence) => silences(silence, event, at))
      ? []
      : all
          .filter(({ severities }) => severities === "all" || event.severity === "critical")
          .map(({ id, quietHours }) => ({
            channel: id,
            state: told.includes(id) ? "told" : "waiting",
            dueAt: quietHours === undefined || event.severity === "critical" ? at : endOfQuiet(quietHours, at),
          }));
};
