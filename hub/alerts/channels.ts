import type { ChannelInput, ChannelOptions, ChannelsView, ChannelView } from "#shared/api/channels.ts";
import {
  changedSettings,
  channelKindViews,
  type OpenChannel,
  parseChannelSettings,
  shownSettings,
} from "#shared/channel-registry.ts";
import { Problem } from "#shared/problem.ts";
import type { Sealing } from "#shared/sealing.ts";
import type { NewId } from "../id.ts";
import type { ChannelStore, StoredChannel } from "../store/channels.ts";

/**
 * The ways to people that the operator has set up. Their secrets go in, and come out only to where they are used. Who changes them is
 * in the audit log.
 */
export interface Channels {
  view(): Promise<ChannelsView>;
  /** @throws {Problem} `not_found` for a kind that there is not, `invalid_input` for its settings */
  add(input: ChannelInput, actor: string): Promise<ChannelView>;
  /** Secrets that are left out stay as they are. @throws {Problem} `not_found`, `conflict` for another kind, `invalid_input` */
  change(id: string, input: ChannelInput, actor: string): Promise<ChannelView>;
  /** @throws {Problem} `not_found` */
  remove(id: string, actor: string): Promise<void>;
  /** @throws {Problem} `not_found` */
  open(id: string): Promise<OpenedChannel>;
  list(): Promise<(ChannelOptions & { readonly id: string })[]>;
}

export interface OpenedChannel extends OpenChannel {
  readonly settings: Record<string, string>;
  readonly options: ChannelOptions;
}

export interface ChannelParts {
  /** Channels are others now. */
  readonly onChange: () => Promise<void>;
  readonly store: ChannelStore;
  readonly sealing: Sealing;
  readonly newId: NewId;
  readonly now: () => number;
}

export function createChannels({ store, sealing, newId, now, onChange }: ChannelParts): Channels {
  const found = async (id: string): Promise<StoredChannel> => {
    const channel = await store.get(id);
    if (channel !== undefined) return channel;
    throw new Problem("not_found", `there is no channel ${id}`);
  };
  const settingsOf = ({ id, kind, sealed }: StoredChannel) =>
    parseChannelSettings({ kind, settings: JSON.parse(sealing.open(sealed, id)) });

  const viewOf = async (channel: StoredChannel): Promise<ChannelView> => {
    const { id, kind, options } = channel;
    return {
      id,
      kind,
      ...options,
      ...shownSettings({ kind, settings: settingsOf(channel) }),
      ...(await store.record(id)),
    };
  };

  interface Put {
    readonly channel: Omit<StoredChannel, "sealed">;
    readonly settings: Record<string, string>;
    readonly actor: string;
    readonly action: string;
  }

  const put = async ({ channel, settings, actor, action }: Put) => {
    const parsed = parseChannelSettings({ kind: channel.kind, settings });
    const stored = { ...channel, sealed: sealing.seal(JSON.stringify(parsed), channel.id) };
    const { id: subject, kind, options } = stored;
    const details = { name: options.name, kind, fromBeacons: options.fromBeacons };
    await store.put(stored, { at: now(), line: { actor, action, subject, details } });
    await onChange();
    return viewOf(stored);
  };

  return {
    view: async () => ({
      channels: await Promise.all((await store.list()).map(viewOf)),
      kinds: channelKindViews(),
    }),
    add: ({ kind, settings, ...options }, actor) => {
      const channel = { id: newId("chn"), kind, options, createdAt: now() };
      return put({ channel, settings, actor, action: "channel.add" });
    },
    change: async (id, { kind, settings, ...options }, actor) => {
      const before = await found(id);
      const all = changedSettings({ kind: before.kind, settings: settingsOf(before) }, { kind, settings });
      return put({ channel: { ...before, options }, settings: all, actor, action: "channel.change" });
    },
    remove: async (id, actor) => {
      await found(id);
      await store.remove(id, { at: now(), line: { actor, action: "channel.remove", subject: id } });
      await onChange();
    },
    open: async (id) => {
      const channel = await found(id);
      return { kind: channel.kind, settings: settingsOf(channel), options: channel.options };
    },
    list: async () => (await store.list()).map(({ id, options }) => ({ id, ...options })),
  };
}
