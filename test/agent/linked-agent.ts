import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Alerting, createAlerting } from "#agent/alerts/alerting.ts";
import { type CommandQueue, createCommandQueue } from "#agent/command-queue.ts";
import type { ConnectionTimes } from "#agent/connection.ts";
import { createDialogue } from "#agent/dialogue.ts";
import { newId } from "#agent/id.ts";
import { openIdentity } from "#agent/identity.ts";
import { createInventoryWatch } from "#agent/inventory-watch.ts";
import { createJournal } from "#agent/journal.ts";
import { createGapLog, type GapLog } from "#agent/metrics/gap-log.ts";
import { createLive, type LiveOptions } from "#agent/metrics/live.ts";
import { createMetricsStore, type MetricsStore } from "#agent/metrics/store.ts";
import type { Reconcile } from "#agent/reconcile.ts";
import { type AgentDatabase, openStore } from "#agent/store/database.ts";
import { createSettings } from "#agent/store/settings.ts";
import type { StreamSources } from "#agent/streams/index.ts";
import { createTrust, type Trust } from "#agent/trust/trust.ts";
import type { Inventory } from "#shared/inventory.ts";
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

export interface LinkedAgent
  extends Pick<Trust, "identity" | "rotation" | "departure" | "sessions">,
    Pick<Alerting, "alerts" | "outbox" | "silences" | "ownDeliveries" | "ownerChannels"> {
  /** Judges a sample, and tells people. */
  readonly judge: Alerting["sampled"];
  readonly keys: Trust["commandKeys"];
  readonly status: Trust["linkStatus"];
  readonly alerting: Alerting["settings"];
  readonly queue: CommandQueue;
  readonly metrics: MetricsStore;
  readonly gaps: GapLog;
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
  const store = openStore(options.file ?? ":memory:");
  const identity = openIdentity(options.keyFile ?? join(directory, "agent.key"));
  hub.trust(identity.publicKey());
  const settings = createSettings(store);
  const trust = createTrust({
    enrolment: hub.enrolment,
    hub: hub.origin,
    db: store,
    settings,
    identity,
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
  const alerting = createAlerting({
    db: store,
    settings,
    sealingKey: Buffer.alloc(32, 7),
    beacon: { id: beacon, name, domain },
    commandKeys: trust.commandKeys.current,
    link: `https://${domain}/alerts`,
    tools: { fetch, now },
    onSettled: () => dialogue.alerted(),
    newId,
    now,
    random: () => 1,
    log,
  });
  const nothing = async function* () {};
  const dialogue = createDialogue({
    hub: hub.origin,
    beacon,
    agentVersion: "0.1.0",
    trust,
    alerting,
    measuring: { metrics, gaps, live },
    queue,
    plan: async ({ name }) => ({ steps: [{ kind: "image.pull", title: name }] }),
    streams: { logs: options.logs ?? nothing, exec: options.exec ?? nothing },
    inventory: watch,
    times: { ...quick, ...options.times },
    resendMs: options.resendMs ?? 30_000,
    onHubTime: options.onHubTime ?? (() => undefined),
    now,
    monotonic: () => performance.now(),
    newId,
    random: Math.random,
    log,
  });
  const stop = new AbortController();
  queue.resume();
  const talking = dialogue.keep(stop.signal);
  return {
    ...trust,
    keys: trust.commandKeys,
    status: trust.linkStatus,
    queue,
    metrics,
    gaps,
    ...alerting,
    judge: alerting.sampled,
    alerting: alerting.settings,
    store,
    lines,
    sampled: dialogue.sampled,
    changeInventory: async (changes) => {
      seen = { ...seen, ...changes };
      await watch.fresh();
    },
    stop: async () => {
      stop.abort();
      await talking;
      dialogue.stop();
      watch.stop();
      live.stop();
      await queue.stop();
      store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
