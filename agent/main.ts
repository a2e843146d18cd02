import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { commandNames } from "#shared/command-registry.ts";
import { publicUrl } from "#shared/modules/resolve.ts";
import { Problem } from "#shared/problem.ts";
import { createSealing } from "#shared/sealing.ts";
import { createAlertingSettings } from "./alerts/alerting-settings.ts";
import { createAlerts } from "./alerts/alerts.ts";
import { createOutbox } from "./alerts/outbox.ts";
import { createOwnDeliveries } from "./alerts/own-deliveries.ts";
import { createOwnMail } from "./alerts/own-mail.ts";
import { createSilences } from "./alerts/silences.ts";
import { createHubKeys } from "./api/hub-keys.ts";
import { type ApiSocket, serveApi } from "./api/listen.ts";
import type { Listeners } from "./api/listeners.ts";
import { createClock } from "./clock.ts";
import { type AgentConfig, readConfig } from "./config.ts";
import { connectionTimes, keepConnected } from "./connection.ts";
import { createEngine } from "./engine.ts";
import { enrol } from "./enrolment.ts";
import { createSecurityUpdates } from "./host/security-updates.ts";
import { newId } from "./id.ts";
import { openIdentity } from "./identity.ts";
import { createInbox } from "./inbox.ts";
import { readInstanceId } from "./instance-id.ts";
import { createInventory } from "./inventory.ts";
import { createInventoryWatch } from "./inventory-watch.ts";
import { createLog, type Log } from "./log.ts";
import { createCollector } from "./metrics/collector.ts";
import { remember } from "./metrics/containers.ts";
import { createGapLog } from "./metrics/gap-log.ts";
import { createGapWatch } from "./metrics/gap-watch.ts";
import { createHostFiles } from "./metrics/host-files.ts";
import { createLive } from "./metrics/live.ts";
import { keepSampling } from "./metrics/sampler.ts";
import { createSlowMeter } from "./metrics/slow.ts";
import { createMetricsStore } from "./metrics/store.ts";
import { createReporter } from "./reporter.ts";
import { createSessions } from "./sessions.ts";
import { createStatus } from "./status.ts";
import { openStore } from "./store/database.ts";
import { lockExclusively } from "./store/lock.ts";
import { createSettings } from "./store/settings.ts";
import { signedExec } from "./streams/exec.ts";
import { createOpenStreams } from "./streams/open-streams.ts";
import { createCommandKeys, forgetCommandKeys } from "./trust/command-keys.ts";
import { createDeparture, forgetDeparture } from "./trust/departure.ts";
import { createHubContact } from "./trust/hub-contact.ts";
import { createKeyRotation, KEY_LIFETIME_MS } from "./trust/key-rotation.ts";
import { createLinkStatus, forgetRevocation } from "./trust/link-status.ts";
import { createLoginLinks } from "./trust/login-links.ts";
import { createPeople } from "./trust/people.ts";
import { createSpentTokens } from "./trust/spent-tokens.ts";
import { agentVersion } from "./version.ts";

const LIVE_MS = 1_000;
const CONTAINERS_KNOWN_MS = 5_000;
const INVENTORY_MS = 60_000;
const RESEND_MS = 30_000;
const STOP_WITHIN_MS = 5_000;

/** What will not get better by starting again; a service manager should leave it at that (`RestartPreventExitStatus=2`). */
const EXIT_NEEDS_SOMEBODY = 2;

/**
 * Runs the agent until `stop` is aborted. What has not ended by then goes on after the next start.
 * @throws {Problem} `conflict` when another agent has the data folder, and what the hub refused the enrolment with
 */
async function run(config: AgentConfig, log: Log, stop: AbortSignal): Promise<void> {
  const { dataDirectory, sampleMs } = config;
  const inData = (name: string) => join(dataDirectory, name);
  const hub = new URL(config.hub).origin;
  const system = () => Date.now();
  const monotonic = () => performance.now();

  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  chmodSync(dataDirectory, 0o700);
  const unlock = lockExclusively(inData("agent.lock"));
  const store = openStore(inData("agent.db"));
  const settings = createSettings(store);
  const clock = createClock({ settings, system, monotonic });
  const { now } = clock;
  const identity = openIdentity(inData("agent.key"));
  const enrolment = await enrol({
    hub,
    tokenFile: config.enrolmentTokenFile,
    settings,
    identity,
    agentVersion,
    hostname: hostname(),
    instanceId: readInstanceId(config.instanceId),
    onAnother: () => {
      for (const forget of [forgetCommandKeys, forgetRevocation, forgetDeparture]) forget(settings);
    },
    random: Math.random,
    log,
    signal: stop,
  });
  const { beacon, domain } = enrolment;
  const keys = createCommandKeys({ settings, enrolled: enrolment.commandKeys, now });
  const commandKeys = keys.current;

  const engine = createEngine({ config, domain, store, log, now, randomBytes });
  const { queue } = engine;
  const files = createHostFiles();
  const running = remember(engine.runningContainers, CONTAINERS_KNOWN_MS, monotonic);
  const slow = createSlowMeter({
    diskUse: engine.diskUse,
    securityUpdates: createSecurityUpdates(files),
    log,
  });
  const services = {
    ...engine.services,
    containers: remember(engine.services.containers, CONTAINERS_KNOWN_MS, monotonic),
  };
  const collector = () =>
    createCollector({
      files,
      running,
      services,
      certificates: () => inventory.latest()?.certificates ?? [],
      slow,
      now,
      system,
      monotonic,
      log,
    });
  const gaps = createGapLog(store, now);
  const metrics = createMetricsStore({ db: store, sampleMs, gaps, now });
  const outbox = createOutbox(store, now);
  // The engine has made the key.
  const sealing = createSealing({ key: readFileSync(inData("secret.key")), randomBytes, lost: sealingKeyLost });
  const alerting = createAlertingSettings({ settings, sealing, beacon, commandKeys, log });
  const alerts = createAlerts({ db: store, rules: alerting.rules, outbox });
  const silences = createSilences(settings, now);
  const ownDeliveries = createOwnDeliveries({
    outbox,
    channels: alerting.channels,
    isSilenced: silences.covers,
    beacon: { id: beacon, name: enrolment.name, domain },
    link: `${publicUrl(domain, config)}/alerts`,
    tools: { fetch, now, mail: createOwnMail({ smtp: config.smtp, hub, now }) },
    now,
    random: Math.random,
    onSettled: () => reporter.alerted(),
    log,
  });
  const live = createLive({ collect: collector(), everyMs: LIVE_MS, now, log });
  const collect = createInventory({
    sources: engine,
    files,
    dataDirectory,
    agentVersion,
    domain,
    dashboardUrl: publicUrl(domain, config),
    now,
    log,
  });
  const inventory = createInventoryWatch({ collect, queue, everyMs: INVENTORY_MS, log });
  const reporter = createReporter({
    queue,
    metrics,
    gaps,
    alerts,
    outbox,
    isUnderWay: ownDeliveries.isUnderWay,
    live,
    inventory,
    resendMs: RESEND_MS,
    monotonic,
    log,
  });
  const hubKeys = createHubKeys({ hub, settings, now, log });
  const status = createStatus({ agentVersion, queue, metrics, outbox, now });
  const linkStatus = createLinkStatus(settings, now);
  const contact = createHubContact(settings, now);
  const sessions = createSessions(store, now, contact.heardAt);
  const people = createPeople({ settings, sessions, beacon, commandKeys, log });
  const rotation = createKeyRotation({ identity, beacon, lifetimeMs: KEY_LIFETIME_MS, now, log });
  const departure = createDeparture({
    settings,
    identity,
    beacon,
    hub,
    commandKeys,
    forget: () => {
      keys.forget();
      hubKeys.forget();
      sessions.endForeign();
      linkStatus.left();
    },
    now,
    random: Math.random,
    log,
  });
  const detached = AbortSignal.any([stop, departure.gone]);

  queue.resume();

  let listeners: Promise<Listeners> | undefined;
  const loadListeners = () => {
    listeners ??= import("./api/listeners.ts").then(({ createListeners }) =>
      createListeners({
        enrolment,
        hub,
        queue,
        modules: engine.modules,
        logs: engine.logs,
        exec: engine.exec.open,
        execSessions: engine.execSessions,
        inventory,
        metrics,
        settings,
        alerts,
        alertRules: alerting.rules,
        silences,
        status,
        live,
        tokens: {
          keys: hubKeys,
          hub,
          beacon,
          people,
          spent: createSpentTokens(store, now),
          now,
        },
        sessions,
        trust: {
          link: linkStatus.view,
          leave: departure.begin,
          rotateKey: rotation.begin,
          loginLinks: createLoginLinks(store, enrolment.owner, now),
        },
        dashboardUrl: publicUrl(domain, config),
        pages: fileURLToPath(new URL("../dist/dashboard", import.meta.url)),
        agentVersion,
        now,
        newId,
        log,
      }),
    );
    return listeners;
  };
  const root: ApiSocket["load"] = async () => (await loadListeners()).root;
  const person: ApiSocket["load"] = async () => (await loadListeners()).person;
  const closeApi = await serveApi(
    [
      { address: { path: inData("root.sock"), mode: 0o600 }, load: root },
      // Caddy's container reaches it as whatever user it runs as; who asks has to show who it is.
      { address: { path: inData("caddy/web.sock"), mode: 0o666 }, load: person },
      ...(config.listen === undefined ? [] : [{ address: config.listen, load: person }]),
    ],
    log,
  );

  const sampling = keepSampling(
    {
      collect: collector(),
      store: metrics,
      gaps: createGapWatch({ files, store: metrics, gaps, sampleMs, monotonic }),
      sampleMs,
      now,
      onSample: (sample) => {
        reporter.sampled();
        if (linkStatus.view().state === "linked") contact.heard();
        rotation.look();
        alerts.judge(sample);
        outbox.prune();
        void ownDeliveries.deliver();
      },
      log,
    },
    stop,
  );
  const receive = createInbox({
    beacon,
    commandKeys,
    queue,
    queries: { plan: ({ name, input }) => queue.plan(name, input), journal: async (request) => queue.journal(request) },
    streams: createOpenStreams(
      {
        logs: (input, { signal }) => engine.logs(input, signal),
        exec: signedExec({ beacon, commandKeys, sessions: engine.exec, hubTime: now }),
      },
      log,
    ),
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
  const connected = keepConnected(
    {
      hub,
      beacon,
      keys,
      identity,
      agentVersion,
      commands: commandNames,
      running: queue.open,
      unacknowledged: () => queue.unacknowledged().map(({ command }) => command),
      newId,
      monotonic,
      times: connectionTimes,
      status: linkStatus,
      random: Math.random,
      onWelcome: (link) => {
        linkStatus.linked();
        contact.heard();
        rotation.attach(link);
        ownDeliveries.linked();
        log.info({ hub }, "linked to the hub");
        reporter.attach(link);
        void hubKeys.refresh();
      },
      onHubTime: (hubTime) => {
        const correctionMs = clock.heard(hubTime);
        if (correctionMs !== 0) log.info({ correctionMs }, "the clock was set by the hub's");
      },
      onFrame: receive,
      log,
    },
    detached,
  ).then(() => departure.sayGoodbye(stop));
  log.info({ beacon, domain, version: agentVersion }, "the agent runs");

  await Promise.all([connected, sampling]);
  await closeApi();
  reporter.stop();
  inventory.stop();
  live.stop();
  await engine.close();
  store.close();
  unlock();
}

const sealingKeyLost = (cause: unknown) =>
  new Problem("conflict", "the settings of alerts cannot be opened with the key of this beacon", {
    hint: "Put the key file secret.key back from where it was kept.",
    cause,
  });

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { config: { type: "string" } } });
  if (values.config === undefined) throw new Problem("invalid_input", "use: agent --config FILE");
  const config = readConfig(values.config);
  const log = createLog(config.logLevel);
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    log.info({ signal }, "the agent stops");
    stop.abort();
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
  };
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  try {
    await run(config, log, stop.signal);
    return 0;
  } catch (thrown) {
    if (stop.signal.aborted) return 0;
    const problem = Problem.wrap(thrown);
    log.error({ problem, cause: problem.cause }, "the agent cannot run");
    return problem.status < 500 && problem.code !== "conflict" ? EXIT_NEEDS_SOMEBODY : 1;
  }
}

process.exitCode = await main().catch((thrown: unknown) => {
  const problem = Problem.wrap(thrown);
  process.stderr.write(`${problem.message}\n${problem.hint ?? ""}\n`);
  return EXIT_NEEDS_SOMEBODY;
});
process.exit();
