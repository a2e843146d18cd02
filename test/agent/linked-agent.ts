import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AlertingSettings, createAlertingSettings } from "#agent/alerts/alerting-settings.ts";
import { type Alerts, createAlerts } from "#agent/alerts/alerts.ts";
import { createOutbox, type Outbox } from "#agent/alerts/outbox.ts";
import { createOwnDeliveries, type OwnDeliveries } from "#agent/alerts/own-deliveries.ts";
import { createSilences, type Silences } from "#agent/alerts/silences.ts";
import { type CommandQueue, createCommandQueue } from "#agent/command-queue.ts";
import { type ConnectionTimes, keepConnected } from "#agent/connection.ts";
import { newId } from "#agent/id.ts";
import { type Identity, openIdentity } from "#agent/identity.ts";
import { createInbox } from "#agent/inbox.ts";
import { createInventoryWatch } from "#agent/inventory-watch.ts";
import { createJournal } from "#agent/journal.ts";
import { createGapLog, type GapLog } from "#agent/metrics/gap-log.ts";
import { createLive, type LiveOptions } from "#agent/metrics/live.ts";
import { createMetricsStore, type MetricsStore } from "#agent/metrics/store.ts";
import type { Reconcile } from "#agent/reconcile.ts";
import { createReporter } from "#agent/reporter.ts";
import { createSessions, type Sessions } from "#agent/sessions.ts";
import { type AgentDatabase, openStore } from "#agent/store/database.ts";
import { createSettings } from "#agent/store/settings.ts";
import type { StreamSources } from "#agent/streams/index.ts";
import { createOpenStreams } from "#agent/streams/open-streams.ts";
import { type CommandKeys, createCommandKeys } from "#agent/trust/command-keys.ts";
import { createDeparture, type Departure } from "#agent/trust/departure.ts";
import { createHubContact } from "#agent/trust/hub-contact.ts";
import { createKeyRotation, KEY_LIFETIME_MS, type KeyRotation } from "#agent/trust/key-rotation.ts";
import { createLinkStatus, type LinkStatus } from "#agent/trust/link-status.ts";
import { createPeople } from "#agent/trust/people.ts";
import { commandNames } from "#shared/command-registry.ts";
import type { Inventory } from "#shared/inventory.ts";
import { createSealing } from "#shared/sealing.ts";
import type { FakeHub } from "./fake-hub.ts";
import { recordLog } from "./silent-log.ts";

/** Quick enough for a test, slow enough for a busy machine. */
export const quick: ConnectionTimes = {
  silentMs: 10_000,
  pingMs: 2_000,
  backoff: { firstMs: 20, longestMs: 100 },
  refusedMs: 200,
  revokedMs: 400,
};

export const inventory: Inventory = {
  at: 1,
  agentVersion: "0.1.0",
  host: {
    hostname: "ada",
    system: "Debian",
    kernel: "6.1",
    architecture: "x64",
    cpuModel: "test",
    cores: 2,
    memoryBytes: 1,
    diskBytes: 1,
  },
  domain: "ada.example.org",
  instances: [],
  dashboardUrl: "https://ada.example.org",
  certificates: [],
};

export interface LinkedAgentOptions {
  readonly times?: Partial<ConnectionTimes>;
  readonly reconcile?: Reconcile;
  readonly logs?: StreamSources["logs"];
  readonly exec?: StreamSources["exec"];
  /** A store that outlives the agent, and a key that does. */
  readonly file?: string;
  readonly keyFile?: string;
  readonly now?: () => number;
  readonly resendMs?: number;
  /** What is measured for who looks, and how often; every 10 ms when absent. */
  readonly live?: Partial<Pick<LiveOptions, "collect" | "everyMs">>;
  readonly onHubTime?: (hub: { from: number; to: number }) => void;
}

export interface LinkedAgent {
  readonly identity: Identity;
  readonly keys: CommandKeys;
  readonly status: LinkStatus;
  readonly rotation: KeyRotation;
  readonly departure: Departure;
  readonly sessions: Sessions;
  readonly queue: CommandQueue;
  readonly metrics: MetricsStore;
  readonly gaps: GapLog;
  readonly alerts: Alerts;
  readonly outbox: Outbox;
  readonly alerting: AlertingSettings;
  readonly silences: Silences;
  readonly ownDeliveries: OwnDeliveries;
  readonly store: AgentDatabase;
  readonly lines: ReturnType<typeof recordLog>["lines"];
  readonly sampled: () => void;
  readonly changeInventory: (changes: Partial<Inventory>) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** The agent's whole talk with its hub; what stands behind its queue does nothing to this machine. */
export function startLinkedAgent(
  hub: Pick<FakeHub, "origin" | "enrolment" | "trust">,
  options: LinkedAgentOptions = {},
): LinkedAgent {
  const { beacon, name, domain } = hub.enrolment;
  const directory = mkdtempSync(join(tmpdir(), "wopr-agent-"));
  const { log, lines } = recordLog();
  const now = options.now ?? (() => Date.now());
  const monotonic = () => performance.now();
  const store = openStore(options.file ?? ":memory:");
  const identity = openIdentity(options.keyFile ?? join(directory, "agent.key"));
  hub.trust(identity.publicKey());
  const settings = createSettings(store);
  const keys = createCommandKeys({ settings, enrolled: hub.enrolment.commandKeys, now });
  const commandKeys = keys.current;
  const status = createLinkStatus(settings, now);
  const contact = createHubContact(settings, now);
  const sessions = createSessions(store, now, contact.heardAt);
  const people = createPeople({ settings, sessions, beacon, commandKeys, log });
  const rotation = createKeyRotation({ identity, beacon, lifetimeMs: KEY_LIFETIME_MS, now, log });
  const departure = createDeparture({
    settings,
    identity,
    beacon,
    hub: hub.origin,
    commandKeys,
    forget: () => {
      keys.forget();
      sessions.endForeign();
      status.left();
    },
    now,
    random: Math.random,
    log,
  });
  const observe = () => Promise.reject(new Error("nobody looks in this test"));
  const reconcile: Reconcile = options.reconcile ?? (() => Promise.resolve());
  const queue = createCommandQueue({ journal: createJournal(store, now), reconcile, observe, log, progressMs: 0 });
  const gaps = createGapLog(store, now);
  const metrics = createMetricsStore({ db: store, sampleMs: 10_000, gaps, now });
  let seen = inventory;
  const watch = createInventoryWatch({
    collect: async () => ({ ...seen, at: seen.at + 1 }),
    queue,
    everyMs: 60_000,
    log,
  });
  const live = createLive({ collect: async () => ({ load_1: 1 }), everyMs: 10, now, log, ...options.live });
  const outbox = createOutbox(store, now);
  const sealing = createSealing({ key: Buffer.alloc(32, 7), randomBytes, lost: () => new Error("the key is lost") });
  const alerting = createAlertingSettings({
    settings,
    sealing,
    beacon,
    commandKeys,
    log,
  });
  const alerts = createAlerts({ db: store, rules: alerting.rules, outbox });
  const silences = createSilences(createSettings(store), now);
  const ownDeliveries = createOwnDeliveries({
    outbox,
    channels: alerting.channels,
    isSilenced: silences.covers,
    beacon: { id: beacon, name, domain },
    link: `https://${domain}/alerts`,
    tools: { fetch, now },
    now,
    random: () => 1,
    onSettled: () => reporter.alerted(),
    log,
  });
  const reporter = createReporter({
    queue,
    metrics,
    gaps,
    alerts,
    outbox,
    isUnderWay: ownDeliveries.isUnderWay,
    live,
    inventory: watch,
    resendMs: options.resendMs ?? 30_000,
    monotonic,
    log,
  });
  const nothing = async function* () {};
  const receive = createInbox({
    beacon,
    commandKeys,
    queue,
    queries: {
      plan: async ({ name }) => ({ steps: [{ kind: "image.pull", title: name }] }),
      journal: async (request) => queue.journal(request),
    },
    streams: createOpenStreams({ logs: options.logs ?? nothing, exec: options.exec ?? nothing }, log),
    acknowledged: (frames) => {
      reporter.acknowledged(frames);
      rotation.acknowledged(frames);
    },
    follow: reporter.follow,
    sendResult: reporter.sendResult,
    watch: reporter.watch,
    alerting: alerting.receive,
    people: people.receive,
    leave: departure.receive,
    now,
    log,
  });
  const stop = new AbortController();
  queue.resume();
  const connected = keepConnected(
    {
      hub: hub.origin,
      beacon,
      keys,
      identity,
      agentVersion: "0.1.0",
      commands: commandNames,
      running: queue.open,
      unacknowledged: () => queue.unacknowledged().map(({ command }) => command),
      newId,
      monotonic,
      times: { ...quick, ...options.times },
      random: Math.random,
      status,
      onWelcome: (link) => {
        status.linked();
        contact.heard();
        rotation.attach(link);
        ownDeliveries.linked();
        reporter.attach(link);
      },
      onHubTime: options.onHubTime ?? (() => undefined),
      onFrame: receive,
      log,
    },
    AbortSignal.any([stop.signal, departure.gone]),
  ).then(() => departure.sayGoodbye(stop.signal));
  return {
    identity,
    keys,
    status,
    rotation,
    departure,
    sessions,
    queue,
    metrics,
    gaps,
    alerts,
    outbox,
    alerting,
    silences,
    ownDeliveries,
    store,
    lines,
    sampled: reporter.sampled,
    changeInventory: async (changes) => {
      seen = { ...seen, ...changes };
      await watch.fresh();
    },
    stop: async () => {
      stop.abort();
      await connected;
      reporter.stop();
      watch.stop();
      live.stop();
      await queue.stop();
      store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
