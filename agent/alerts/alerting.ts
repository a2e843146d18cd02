import { randomBytes } from "node:crypto";
import type { ChannelTools, Notice } from "#shared/channels/channel.ts";
import type { Sample } from "#shared/metrics/sample.ts";
import { Problem } from "#shared/problem.ts";
import { createSealing } from "#shared/sealing.ts";
import type { Random } from "../backoff.ts";
import type { NewId } from "../id.ts";
import type { Log } from "../log.ts";
import type { AgentDatabase } from "../store/database.ts";
import type { Settings } from "../store/settings.ts";
import { type AlertingSettings, createAlertingSettings } from "./alerting-settings.ts";
import { type Alerts, createAlerts } from "./alerts.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import { createOwnDeliveries, isWanted, type OwnDeliveries, PATIENCE_MS } from "./own-deliveries.ts";
import { createOwnerChannels, type OwnerChannels } from "./owner-channels.ts";
import { createSilences, type Silences } from "./silences.ts";

/** What could not be told for so long is told to nobody any more; it stays in the history. */
const TOLD_WITHIN_MS = 86_400_000;

export interface AlertingParts {
  readonly db: AgentDatabase;
  readonly settings: Settings;
  /** Of 32 bytes: what the hub says of channels is stored under it. */
  readonly sealingKey: Uint8Array;
  readonly beacon: Notice["beacon"];
  readonly commandKeys: () => Readonly<Record<string, string>>;
  /** Where people may look, for what the beacon itself tells them. */
  readonly link: string;
  readonly tools: ChannelTools;
  /** A delivery of the beacon's own has ended: what was held back for it may go to the hub. */
  readonly onSettled: () => void;
  readonly newId: NewId;
  readonly now: () => number;
  readonly random: Random;
  readonly log: Log;
}

/** The parts of the agent that know what is wrong and whom to tell. */
export interface Alerting {
  /** What to watch for and whom to tell, as the hub said it last. */
  readonly settings: AlertingSettings;
  readonly alerts: Alerts;
  readonly outbox: Outbox;
  readonly silences: Silences;
  /** Over the operator's channels, when the hub does not. */
  readonly ownDeliveries: OwnDeliveries;
  readonly ownerChannels: OwnerChannels;
  /** Judges a sample, and tells people what the hub does not. */
  readonly sampled: (sample: Sample) => void;
}

/** @throws {Problem} `conflict` when the key is not the one that settings were sealed with */
export function createAlerting(parts: AlertingParts): Alerting {
  const { db, beacon, commandKeys, link, tools, onSettled, newId, now, random, log } = parts;
  const outbox = createOutbox(db, now);
  const sealing = createSealing({ key: parts.sealingKey, randomBytes, lost: sealingKeyLost });
  const settings = createAlertingSettings({
    settings: parts.settings,
    sealing,
    beacon: beacon.id,
    commandKeys,
    log,
  });
  const alerts = createAlerts({ db, rules: settings.rules, outbox });
  const silences = createSilences(parts.settings, now);
  const shared = { isSilenced: silences.covers, beacon, link, tools, now, random, log };
  const ownDeliveries = createOwnDeliveries({
    ...shared,
    outbox,
    channels: settings.channels,
    patienceMs: PATIENCE_MS,
    onSettled,
  });
  const untold = (channel: string) => outbox.untold(channel, now() - TOLD_WITHIN_MS);
  const ownerChannels = createOwnerChannels({
    ...{ settings: parts.settings, sealing, beacon, link, tools, skip: outbox.skip, newId, now, log },
    record: (channel) => {
      const lastDeliveredAt = outbox.toldAt(channel.id);
      const problem = ownerDeliveries.problemOf(channel.id);
      return {
        waiting: untold(channel.id).filter(({ event }) => isWanted(channel, event)).length,
        ...(lastDeliveredAt === undefined ? {} : { lastDeliveredAt }),
        ...(problem === undefined ? {} : { problem: problem.toJSON() }),
      };
    },
  });
  const ownerDeliveries: OwnDeliveries = createOwnDeliveries({
    ...shared,
    outbox: {
      waiting: untold,
      // Whether the hub has it makes no difference.
      told: () => [],
      settle: outbox.settle,
    },
    channels: ownerChannels.list,
    patienceMs: 0,
    onSettled: () => undefined,
  });
  return {
    settings,
    alerts,
    outbox,
    silences,
    ownDeliveries,
    ownerChannels,
    sampled: (sample) => {
      alerts.judge(sample);
      outbox.prune();
      void ownDeliveries.deliver();
      void ownerDeliveries.deliver();
    },
  };
}

const sealingKeyLost = (cause: unknown) =>
  new Problem("conflict", "the settings of alerts cannot be opened with the key of this beacon", {
    hint: "Put the key file secret.key back from where it was kept.",
    cause,
  });
