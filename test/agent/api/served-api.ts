import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { type Alerts, createAlerts } from "#agent/alerts/alerts.ts";
import { createOutbox } from "#agent/alerts/outbox.ts";
import { createOwnerChannels } from "#agent/alerts/owner-channels.ts";
import { createSilences } from "#agent/alerts/silences.ts";
import { createHubKeys } from "#agent/api/hub-keys.ts";
import { serveApi } from "#agent/api/listen.ts";
import { createListeners } from "#agent/api/listeners.ts";
import { type CommandQueue, createCommandQueue } from "#agent/command-queue.ts";
import type { ExecSessions } from "#agent/exec-sessions.ts";
import { newId } from "#agent/id.ts";
import { createInventoryWatch } from "#agent/inventory-watch.ts";
import { createJournal } from "#agent/journal.ts";
import { createGapLog } from "#agent/metrics/gap-log.ts";
import { createLive } from "#agent/metrics/live.ts";
import { createMetricsStore } from "#agent/metrics/store.ts";
import { createSessions } from "#agent/sessions.ts";
import { createStatus } from "#agent/status.ts";
import { type AgentDatabase, openStore } from "#agent/store/database.ts";
import { createSettings } from "#agent/store/settings.ts";
import { createHubContact } from "#agent/trust/hub-contact.ts";
import { createLinkStatus, type LinkStatus } from "#agent/trust/link-status.ts";
import { createLoginLinks } from "#agent/trust/login-links.ts";
import { createPeople, type People } from "#agent/trust/people.ts";
import { createSpentTokens } from "#agent/trust/spent-tokens.ts";
import { defaultAlertRules } from "#shared/alerts/default-rules.ts";
import type { LogLine } from "#shared/api/beacon.ts";
import { Problem } from "#shared/problem.ts";
import { createSealing, SEALING_KEY_BYTES } from "#shared/sealing.ts";
import { type FakeHub, startFakeHub } from "../fake-hub.ts";
import { inventory } from "../linked-agent.ts";
import { recordLog } from "../silent-log.ts";

export const form = { "content-type": "application/x-www-form-urlencoded" };
export const install = { name: "module.install", input: { module: "redis" } };

export interface Asked {
  readonly socket?: "root" | "web";
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | object;
}

/** The local API on real sockets, with a real queue and store behind it, and nothing that touches this machine. */
export class ServedApi {
  readonly hub: FakeHub;
  readonly directory = mkdtempSync(join(tmpdir(), "wopr-api-"));
  readonly store: AgentDatabase = openStore(":memory:");
  /** What the agent's clock shows. */
  time = Date.now();
  /** How often the machine was measured for live samples. */
  measured = 0;
  /** How long a stream of events lives. */
  readonly streamTimes: { lifeMs?: number; graceMs?: number } = {};
  /** Lines of every instance. */
  logs: (signal: AbortSignal) => AsyncIterable<LogLine> = async function* () {};
  /** What a program in a container does. */
  exec: ExecSessions["open"] = async function* () {};
  readonly #log = recordLog().log;
  readonly #now = () => this.time;
  #stops: (() => unknown)[] = [];
  readonly alerts: Alerts = createAlerts({
    db: this.store,
    rules: () => defaultAlertRules,
    outbox: createOutbox(this.store, this.#now),
  });
  queue: CommandQueue;
  status: LinkStatus;
  /** The hub is there. */
  heard: () => void = () => undefined;
  people: People | undefined;
  /** Who had the beacon leave its hub. */
  readonly left: string[] = [];

  constructor(hub: FakeHub) {
    this.hub = hub;
    this.queue = this.#createQueue();
    this.status = createLinkStatus(createSettings(this.store), this.#now);
  }

  #createQueue() {
    const observe = () => Promise.reject(new Problem("docker_unavailable", "Docker does not answer"));
    const journal = createJournal(this.store, this.#now);
    return createCommandQueue({ journal, reconcile: async () => undefined, observe, log: this.#log });
  }

  path(name: string) {
    return join(this.directory, name);
  }

  async start() {
    const log = this.#log;
    const now = this.#now;
    const { hub, store } = this;
    this.queue = this.#createQueue();
    const { queue } = this;
    const collect = async () => {
      this.measured += 1;
      return { load_1: this.measured };
    };
    const live = createLive({ collect, everyMs: 10, now, log });
    const watch = createInventoryWatch({ collect: async () => inventory, queue, everyMs: 60_000, log });
    const metrics = createMetricsStore({ db: store, sampleMs: 10_000, gaps: createGapLog(store, now), now });
    metrics.add({ at: this.time - (this.time % 10_000), values: { load_1: 5 } });
    const settings = createSettings(store);
    this.status = createLinkStatus(settings, now);
    const contact = createHubContact(settings, now);
    this.heard = contact.heard;
    const sessions = createSessions(store, now, contact.heardAt);
    const { beacon, commandKeys } = hub.enrolment;
    const people = createPeople({ settings, sessions, beacon, commandKeys: () => commandKeys, log });
    this.people = people;
    const listeners = createListeners({
      enrolment: hub.enrolment,
      hub: hub.origin,
      queue,
      modules: () => [],
      logs: (_request, signal) => this.logs(signal),
      exec: (order, talk) => this.exec(order, talk),
      execSessions: () => [],
      inventory: watch,
      metrics,
      settings: createSettings(store),
      alerts: this.alerts,
      silences: createSilences(createSettings(store), now),
      ownerChannels: createOwnerChannels({
        settings: createSettings(store),
        sealing: createSealing({ key: Buffer.alloc(SEALING_KEY_BYTES, 7), randomBytes, lost: () => new Error("lost") }),
        beacon: { id: hub.enrolment.beacon, name: hub.enrolment.name, domain: hub.enrolment.domain },
        link: "https://ada.example.org/alerts",
        tools: { fetch, now },
        record: () => ({ waiting: 0 }),
        skip: () => undefined,
        newId,
        now,
        log,
      }),
      alertRules: () => defaultAlertRules,
      status: createStatus({ agentVersion: "0.1.0", queue, metrics, outbox: createOutbox(store, now), now }),
      live,
      streamTimes: this.streamTimes,
      tokens: {
        keys: createHubKeys({ hub: hub.origin, settings: createSettings(store), now, log }),
        hub: hub.origin,
        beacon: hub.enrolment.beacon,
        people,
        spent: createSpentTokens(store, now),
        now,
      },
      sessions,
      trust: {
        link: this.status.view,
        leave: (actor) => this.left.push(actor),
        rotateKey: () => undefined,
        loginLinks: createLoginLinks(store, hub.enrolment.owner, now),
      },
      dashboardUrl: `https://${hub.enrolment.domain}`,
      pages: this.path("pages"),
      agentVersion: "0.1.0",
      now,
      newId,
      log,
    });
    const close = await serveApi(
      [
        { address: { path: this.path("root.sock"), mode: 0o600 }, load: async () => listeners.root },
        { address: { path: this.path("web.sock"), mode: 0o666 }, load: async () => listeners.person },
      ],
      log,
    );
    this.#stops.push(() => queue.stop(), watch.stop, live.stop, close);
  }

  async stop() {
    for (const stop of this.#stops.splice(0).toReversed()) await stop();
  }

  /** Sends a request and gives the answer as soon as its head is there. */
  open(path: string, { socket = "web", method = "GET", headers = {}, body }: Asked = {}): Promise<IncomingMessage> {
    const text = typeof body === "object" ? JSON.stringify(body) : body;
    const type = typeof body === "object" ? { "content-type": "application/json" } : {};
    const allHeaders = { host: "ada.example.org", ...type, ...headers };
    const socketPath = this.path(`${socket}.sock`);
    return new Promise((resolve, reject) => {
      const asking = httpRequest({ agent: false, socketPath, path, method, headers: allHeaders }, resolve);
      asking.on("error", reject);
      asking.end(text);
    });
  }

  async ask(path: string, asked: Asked = {}) {
    const response = await this.open(path, asked);
    let text = "";
    for await (const chunk of response) text += chunk;
    const isJson = /json/.test(response.headers["content-type"] ?? "");
    const body: unknown = isJson ? JSON.parse(text) : text;
    return { status: response.statusCode, headers: response.headers, body };
  }

  async bearer(...claims: Parameters<FakeHub["jwt"]>) {
    return { authorization: `Bearer ${await this.hub.jwt(...claims)}` };
  }

  /** Comes from the hub, as a browser does. */
  async visit() {
    const body = `token=${await this.hub.jwt({ use: "visit" })}`;
    const answer = await this.ask("/session", { method: "POST", headers: form, body });
    return { answer, cookie: String(answer.headers["set-cookie"]?.[0]?.split(";")[0]) };
  }
}

/** One for each test of a file. */
export function useServedApi(): { readonly api: ServedApi } {
  let api: ServedApi | undefined;
  beforeEach(async () => {
    api = new ServedApi(await startFakeHub());
    await api.start();
  });
  afterEach(async () => {
    await api?.stop();
    await api?.hub.stop();
    api?.store.close();
    if (api !== undefined) rmSync(api.directory, { recursive: true });
  });
  return {
    get api() {
      if (api === undefined) throw new Error("no test runs");
      return api;
    },
  };
}
