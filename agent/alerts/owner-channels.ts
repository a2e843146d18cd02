import { z } from "zod";
import type { ChannelInput, ChannelsView, ChannelView } from "#shared/api/channels.ts";
import {
  changedSettings,
  channelKindViews,
  parseChannelSettings,
  sendNotice,
  shownSettings,
  testEvent,
} from "#shared/channel-registry.ts";
import type { ChannelTools, Notice } from "#shared/channels/channel.ts";
import { Problem } from "#shared/problem.ts";
import { BeaconChannel } from "#shared/protocol/statement.ts";
import type { Sealing } from "#shared/sealing.ts";
import type { NewId } from "../id.ts";
import type { Log } from "../log.ts";
import type { Settings } from "../store/settings.ts";
import { OWNER_CHANNEL } from "./outbox.ts";

/**
 * The ways to people that the owner has set up on this beacon. They and their secrets stay on it: the hub never hears of them, and
 * what is sent over them goes out from here, whether the hub is there or not.
 */
export interface OwnerChannels {
  readonly list: () => readonly BeaconChannel[];
  readonly view: () => ChannelsView;
  /** @throws {Problem} `not_found` for a kind that there is not, `invalid_input` for its settings, `conflict` when there are too many */
  readonly add: (input: ChannelInput, by: string) => ChannelView;
  /** Secrets that are left out stay as they are. @throws {Problem} `not_found`, `conflict` for another kind, `invalid_input` */
  readonly change: (id: string, input: ChannelInput, by: string) => ChannelView;
  /** @throws {Problem} `not_found` */
  readonly remove: (id: string, by: string) => void;
  /** Sends a notice now. @throws {Problem} `not_found`, and what the other side said */
  readonly test: (id: string) => Promise<void>;
}

export interface OwnerChannelsOptions {
  readonly settings: Settings;
  readonly sealing: Sealing;
  readonly beacon: Notice["beacon"];
  /** Where to look. */
  readonly link: string;
  readonly tools: ChannelTools;
  /** How what is sent over a channel goes. */
  readonly record: (channel: BeaconChannel) => Pick<ChannelView, "waiting" | "lastDeliveredAt" | "problem">;
  /** Has a channel told nothing of what was before it. */
  readonly skip: (channel: string) => void;
  readonly newId: NewId;
  readonly now: () => number;
  readonly log: Log;
}

const KEY = "owner-channels";
const MOST = 20;
/** Base64 of all of them, sealed: they hold secrets. */
const Stored = z.object({ sealed: z.string() });

export function createOwnerChannels(options: OwnerChannelsOptions): OwnerChannels {
  const { settings, sealing, tools, skip, newId, now, log } = options;
  let known = read();

  function read(): readonly BeaconChannel[] {
    const stored = settings.get(KEY, Stored);
    if (stored === undefined) return [];
    return z.array(BeaconChannel).parse(JSON.parse(sealing.open(Buffer.from(stored.sealed, "base64"), KEY)));
  }
  function found(id: string): BeaconChannel {
    const channel = known.find((one) => one.id === id);
    if (channel !== undefined) return channel;
    throw new Problem("not_found", `there is no channel ${id}`);
  }
  function store(channels: readonly BeaconChannel[], said: Record<string, unknown>) {
    settings.put(KEY, { sealed: Buffer.from(sealing.seal(JSON.stringify(channels), KEY)).toString("base64") });
    known = channels;
    log.info(said, "the owner's channels were changed");
  }
  const viewOf = (channel: BeaconChannel): ChannelView => {
    const { settings: given, ...shown } = channel;
    return { ...shown, ...shownSettings({ kind: channel.kind, settings: given }), ...options.record(channel) };
  };

  return {
    list: () => known,
    view: () => ({
      channels: known.map(viewOf),
      // Mail needs a server of the beacon's own.
      kinds: channelKindViews().filter(({ kind }) => kind !== "email" || tools.mail !== undefined),
    }),
    add: (input, by) => {
      if (known.length >= MOST) throw new Problem("conflict", `there are ${MOST} channels already`);
      const channel = { ...input, settings: parseChannelSettings(input), id: newId(OWNER_CHANNEL), fromBeacons: true };
      skip(channel.id);
      store([...known, channel], { by, added: channel.id, kind: channel.kind });
      return viewOf(channel);
    },
    change: (id, input, by) => {
      const before = found(id);
      const given = parseChannelSettings({ kind: input.kind, settings: changedSettings(before, input) });
      const channel = { ...input, settings: given, id, fromBeacons: true };
      const all = known.map((one) => (one.id === id ? channel : one));
      store(all, { by, changed: id });
      return viewOf(channel);
    },
    remove: (id, by) => {
      found(id);
      const others = known.filter((one) => one.id !== id);
      store(others, { by, removed: id });
    },
    test: async (id) => {
      const { beacon, link } = options;
      await sendNotice(found(id), { event: testEvent(now(), "this beacon"), beacon, link }, tools);
    },
  };
}
