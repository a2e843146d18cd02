import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import { HUB_ITSELF } from "#shared/api/alerts.ts";
import { Problem } from "#shared/problem.ts";
import { createSealing } from "#shared/sealing.ts";
import { every } from "../every.ts";
import type { NewId } from "../id.ts";
import type { Live } from "../live.ts";
import type { MailQueue } from "../mail/mail-queue.ts";
import type { Signer } from "../signer/signer.ts";
import { createDeliveryStore } from "../store/alert-deliveries.ts";
import { createAlertEventStore } from "../store/alert-events.ts";
import type { BeaconStore } from "../store/beacons.ts";
import { createChannelStore } from "../store/channels.ts";
import type { Database } from "../store/database.ts";
import { createHubAlertStore } from "../store/hub-alerts.ts";
import { createSettingStore } from "../store/settings.ts";
import { createSilenceStore } from "../store/silences.ts";
import type { Links } from "../ws/links.ts";
import { createAlertRuleBook } from "./alert-rules.ts";
import { createChannels } from "./channels.ts";
import { createDeliveries } from "./deliveries.ts";
import { createHandout } from "./handout.ts";
import { createAlertIntake } from "./intake.ts";
import { createOfflineWatch } from "./offline.ts";
import { planDeliveries } from "./plan-deliveries.ts";
import { createSilencing } from "./silencing.ts";

/** As long as the coarsest measurements. */
const KEPT_MS = 30 * 86_400_000;

export interface AlertingParts {
  readonly db: Database;
  readonly sealingKey: Uint8Array;
  readonly beacons: BeaconStore;
  readonly links: Pick<Links, "isOnline" | "send">;
  readonly signer: Pick<Signer, "sign">;
  readonly mail: Pick<MailQueue, "send">;
  readonly live: Live;
  readonly origin: string;
  readonly sweepMs: number;
  readonly now: () => number;
  readonly newId: NewId;
  readonly log: Logger;
  readonly onError: (error: unknown) => void;
}

/** The parts of the hub that know what is wrong and whom to tell, wired. */
export function createAlerting(parts: AlertingParts) {
  const { db, live, mail, now, newId, log, onError, origin } = parts;
  const sealing = createSealing({ key: parts.sealingKey, randomBytes, lost: keyLost });
  const alertEvents = createAlertEventStore(db);
  const settings = createSettingStore(db);
  const onChange = () => handout.changed();
  const alertRules = createAlertRuleBook({ settings, onChange, now });
  const channels = createChannels({ store: createChannelStore(db), sealing, newId, now, onChange });
  const handout = createHandout({
    settings,
    rules: alertRules.current,
    channels,
    links: parts.links,
    signer: parts.signer,
  });
  const silenceStore = createSilenceStore(db);
  const silencing = createSilencing(silenceStore, now);
  const deliveriesOf = async (of: string) => {
    const owner = of === HUB_ITSELF ? undefined : (await parts.beacons.get(of))?.ownerMail;
    return planDeliveries({ channels: await channels.list(), owner, silences: await silencing.of(of) });
  };
  const deliveries = createDeliveries({
    store: createDeliveryStore(db),
    channels,
    beacons: parts.beacons,
    tools: {
      fetch,
      now,
      // The queue sends it once: its id is made of the event's.
      mail: ({ id, to, subject, text }) =>
        mail.send({ id, recipient: to, subject, text, html: undefined, attachment: undefined }),
    },
    origin,
    now,
    onProblem: (problem, { channel }) =>
      log.warn({ problem, cause: problem.cause, channel }, "a notice did not go out"),
  });
  const intake = createAlertIntake({ events: alertEvents, deliveriesOf, live, onDue: deliveries.nudge, now });
  const offline = createOfflineWatch({
    store: createHubAlertStore(db),
    links: parts.links,
    rules: alertRules.current,
    deliveriesOf,
    announce: intake.announce,
    now,
  });
  let stopSweeping: (() => Promise<void>) | undefined;

  return {
    alertEvents,
    alertRules,
    channels,
    deliveries,
    intake,
    handout,
    silencing,
    prune: async () => {
      await alertEvents.prune(now() - KEPT_MS);
      await silenceStore.prune(now());
    },
    start: () => {
      deliveries.start();
      stopSweeping = every(parts.sweepMs, offline.sweep, onError);
    },
    stop: async () => {
      await Promise.all([deliveries.stop(), stopSweeping?.()]);
    },
  };
}

const keyLost = (cause: unknown) =>
  new Problem("conflict", "the settings of a channel cannot be opened with the hub's sealing key", {
    hint: "Put the file sealing-key back from where it was kept, or put the settings in again.",
    cause,
  });
