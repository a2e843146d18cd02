import { z } from "zod";
import { QuietHours } from "../alerts/quiet-hours.ts";
import { FormField } from "../form-fields.ts";
import { Id, Timestamp } from "../names.ts";
import { ProblemBody } from "../problem.ts";

/** How a channel is used, whatever kind it is. */
export const ChannelOptions = z.strictObject({
  /** What people call it. */
  name: z.string().min(1).max(60),
  severities: z.enum(["all", "critical"]).default("all"),
  /** When warnings wait. */
  quietHours: QuietHours.optional(),
  /**
   * Whether beacons get the channel with its secrets, to use it themselves while they cannot reach the hub. Who has root
   * on a beacon can read them.
   */
  fromBeacons: z.boolean().default(false),
});
export type ChannelOptions = z.output<typeof ChannelOptions>;

/** A channel as it is put in: `settings` are those of its kind. */
export const ChannelInput = ChannelOptions.extend({
  kind: z.string().max(40),
  settings: z.record(z.string(), z.string().max(2000)),
});
export type ChannelInput = z.output<typeof ChannelInput>;

/** A channel as it is shown. Of its secrets only the names are. */
export const ChannelView = ChannelInput.extend({
  id: Id,
  /** Names of the settings that are set and not shown. */
  secrets: z.array(z.string()),
  /** What waits to be delivered. */
  waiting: z.number().int(),
  lastDeliveredAt: Timestamp.optional(),
  /** Why the last try failed, until one succeeds. */
  problem: ProblemBody.optional(),
});
export type ChannelView = z.output<typeof ChannelView>;

/** A kind of channel and what it has to be told. */
export const ChannelKindView = z.object({
  kind: z.string(),
  title: z.string(),
  settings: z.array(FormField),
});
export type ChannelKindView = z.output<typeof ChannelKindView>;

export const ChannelsView = z.object({ channels: z.array(ChannelView), kinds: z.array(ChannelKindView) });
export type ChannelsView = z.output<typeof ChannelsView>;
