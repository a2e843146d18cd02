import type { z } from "zod";
import type { AlertEvent } from "./alerts/evaluate.ts";
import type { ChannelKindView, ChannelView } from "./api/channels.ts";
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

interface KnownSettings {
  readonly kind: string;
  readonly settings: Readonly<Record<string, string>>;
}

const isSecretOf = (kind: string) => {
  const { secrets } = channelKindOf(kind);
  return ([name]: readonly [string, string]) => secrets.some((secret) => secret === name);
};

/** Settings as people may see them: of secrets only the names. */
export function shownSettings({ kind, settings }: KnownSettings): Pick<ChannelView, "settings" | "secrets"> {
  const isSecret = isSecretOf(kind);
  const all = Object.entries(settings);
  return {
    settings: Object.fromEntries(all.filter((one) => !isSecret(one))),
    secrets: all.filter(isSecret).map(([name]) => name),
  };
}

/** Settings as somebody wants them, with the secrets that they left out as they were. @throws {Problem} `conflict` for another kind */
export function changedSettings(before: KnownSettings, wanted: KnownSettings): Record<string, string> {
  if (before.kind !== wanted.kind) {
    throw new Problem("conflict", `the channel is one of kind ${before.kind}`, {
      hint: "Add another channel, and remove this one.",
    });
  }
  const kept = Object.entries(before.settings).filter(isSecretOf(before.kind));
  const given = Object.entries(wanted.settings).filter(([, value]) => value !== "");
  return Object.fromEntries([...kept, ...given]);
}

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

/**
 * What is sent to try a channel out. It opens nothing: where there are incidents, it is the end of one that never began.
 * @param whose Names who sends it, for example `this hub`.
 */
export const testEvent = (at: number, whose: string): AlertEvent => ({
  id: `test  ${at} resolved`,
  rule: "test",
  subject: "",
  kind: "resolved",
  severity: "warning",
  title: `This is a test. Notices of ${whose} arrive here`,
  value: 0,
  at,
  firedAt: at,
});
