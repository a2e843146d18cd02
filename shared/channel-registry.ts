import type { z } from "zod";
import type { ChannelKindView } from "./api/channels.ts";
import type { ChannelTools, Notice } from "./channels/channel.ts";
import { channelKinds } from "./channels/index.ts";
import { formFieldsOf } from "./form-fields.ts";
import { Problem, parseOr } from "./problem.ts";

/** A channel whose secrets are at hand. */
export interface OpenChannel {
  readonly kind: string;
  readonly settings: unknown;
}

/** @throws {Problem} `not_found` */
export function channelKindOf(kind: string): (typeof channelKinds)[number] {
  const known = channelKinds.find((one) => one.kind === kind);
  if (known !== undefined) return known;
  throw new Problem("not_found", `there is no kind of channel ${kind}`, {
    hint: `Known are: ${channelKinds.map((one) => one.kind).join(", ")}.`,
  });
}

/** Settings as their kind wants them, what is left out filled in. @throws {Problem} `not_found`, `invalid_input` */
export const parseChannelSettings = ({ kind, settings }: OpenChannel): Record<string, string> =>
  parseOr<z.ZodType<Record<string, string>>>(
    channelKindOf(kind).Settings,
    settings,
    `the settings of a channel ${kind}`,
  );

/** @throws {Problem} `channel_refused`, `channel_unavailable`, and what is wrong with the settings */
export const sendNotice = async ({ kind, settings }: OpenChannel, notice: Notice, tools: ChannelTools): Promise<void> =>
  channelKindOf(kind).deliver(notice, settings, tools);

/** The kinds and what each has to be told, for forms. */
export const channelKindViews = (): ChannelKindView[] =>
  channelKinds.map(({ kind, title, Settings, secrets }) => ({
    kind,
    title,
    settings: formFieldsOf(Settings, secrets),
  }));
