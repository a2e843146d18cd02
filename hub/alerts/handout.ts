import type { AlertRule } from "#shared/alerts/rule.ts";
import type { UnsentHubFrame } from "#shared/protocol/frames.ts";
import type { AlertingStatement, BeaconChannel } from "#shared/protocol/statement.ts";
import type { Signer } from "../signer/signer.ts";
import type { SettingStore } from "../store/settings.ts";
import type { Channels } from "./channels.ts";

const REVISION = "alerting-revision";

export interface HandoutParts {
  readonly settings: SettingStore;
  readonly rules: () => Promise<readonly AlertRule[]>;
  readonly channels: Pick<Channels, "list" | "open">;
  readonly links: { send(beacon: string, frame: UnsentHubFrame): boolean };
  readonly signer: Pick<Signer, "sign">;
}

/**
 * Hands beacons what they are to watch for and the channels that they may use themselves. It is made and signed anew for each
 * connection and kept nowhere else: neither the table of commands nor a journal ever holds a channel's secret.
 */
export interface Handout {
  connected(beacon: string): Promise<void>;
  /** Rules or channels are others now: tells all that are there. */
  changed(): Promise<void>;
}

export function createHandout({ settings, rules, channels, links, signer }: HandoutParts): Handout {
  const known = new Set<string>();
  let content: Promise<Omit<AlertingStatement, "beacon">> | undefined;

  const read = async (): Promise<Omit<AlertingStatement, "beacon">> => {
    const revision = Number((await settings.get(REVISION)) ?? 0);
    const handed: BeaconChannel[] = [];
    for (const { id, fromBeacons } of await channels.list()) {
      if (!fromBeacons) continue;
      const { kind, options, settings: secrets } = await channels.open(id);
      handed.push({ id, kind, ...options, settings: secrets });
    }
    return { revision, rules: [...(await rules())], channels: handed };
  };

  const send = async (beacon: string) => {
    content ??= read();
    const wanted = content;
    const statement: AlertingStatement = {
      beacon,
      ...(await wanted.catch((error: unknown) => {
        content = undefined;
        throw error;
      })),
    };
    links.send(beacon, { type: "alerting", statement: await signer.sign("alerting", statement) });
  };

  return {
    connected: async (beacon) => {
      known.add(beacon);
      await send(beacon);
    },
    changed: async () => {
      await settings.put(REVISION, String(Number((await settings.get(REVISION)) ?? 0) + 1));
      content = undefined;
      for (const beacon of known) await send(beacon);
    },
  };
}
