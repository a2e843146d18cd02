import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { publicUrl } from "#shared/modules/resolve.ts";
import { createAlerting } from "./alerts/alerting.ts";
import { createOwnMail } from "./alerts/own-mail.ts";
import { serveLocalApi } from "./api/local-api.ts";
import { createClock } from "./clock.ts";
import type { AgentConfig } from "./config.ts";
import { connectionTimes } from "./connection.ts";
import { createDialogue } from "./dialogue.ts";
import { createEngine } from "./engine.ts";
import { enrol } from "./enrolment.ts";
import { newId } from "./id.ts";
import { openIdentity } from "./identity.ts";
import { readInstanceId } from "./instance-id.ts";
import { createInventory } from "./inventory.ts";
import { createInventoryWatch } from "./inventory-watch.ts";
import type { Log } from "./log.ts";
import { createMeasuring } from "./metrics/measuring.ts";
import { createStatus } from "./status.ts";
import { openStore } from "./store/database.ts";
import { lockExclusively } from "./store/lock.ts";
import { createSettings } from "./store/settings.ts";
import { signedExec } from "./streams/exec.ts";
import { createTrust, forgetTrust } from "./trust/trust.ts";
import { agentVersion } from "./version.ts";

const INVENTORY_MS = 60_000;
const RESEND_MS = 30_000;

/**
 * Runs the agent until `stop` is aborted. What has not ended by then goes on after the next start.
 * @throws {Problem} `conflict` when another agent has the data folder, and what the hub refused the enrolment with
 */
export async function runAgent(config: AgentConfig, log: Log, stop: AbortSignal): Promise<void> {
  const { dataDirectory, sampleMs } = config;
  const inData = (name: string) => join(dataDirectory, name);
  const hub = new URL(config.hub).origin;
  const system = () => Date.now();
  const monotonic = () => performance.now();
  const { random } = Math;

  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  chmodSync(dataDirectory, 0o700);
  const unlock = lockExclusively(inData("agent.lock"));
  const db = openStore(inData("agent.db"));
  const settings = createSettings(db);
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
    onAnother: () => forgetTrust(settings),
    random,
    log,
    signal: stop,
  });
  const { beacon, name, domain } = enrolment;
  const dashboardUrl = publicUrl(domain, config);

  const trust = createTrust({ enrolment, hub, db, settings, identity, now, random, log });
  const commandKeys = trust.commandKeys.current;
  const engine = createEngine({ config, domain, store: db, log, now, randomBytes });
  const { queue } = engine;
  const certificates = () => inventory.latest()?.certificates ?? [];
  const measuring = createMeasuring({ db, engine, certificates, sampleMs, now, system, monotonic, log });
  const alerting = createAlerting({
    db,
    settings,
    // The engine has made the key.
    sealingKey: readFileSync(inData("secret.key")),
    beacon: { id: beacon, name, domain },
    commandKeys,
    link: `${dashboardUrl}/alerts`,
    tools: { fetch, now, mail: createOwnMail({ smtp: config.smtp, hub, now }) },
    onSettled: () => dialogue.alerted(),
    newId,
    now,
    random,
    log,
  });
  const { files } = measuring;
  const collect = createInventory({
    sources: engine,
    files,
    dataDirectory,
    agentVersion,
    domain,
    dashboardUrl,
    now,
    log,
  });
  const inventory = createInventoryWatch({ collect, queue, everyMs: INVENTORY_MS, log });
  const status = createStatus({ agentVersion, queue, metrics: measuring.metrics, outbox: alerting.outbox, now });
  const dialogue = createDialogue({
    hub,
    beacon,
    agentVersion,
    trust,
    alerting,
    measuring,
    queue,
    plan: ({ name, input }) => queue.plan(name, input),
    streams: {
      logs: (input, { signal }) => engine.logs(input, signal),
      exec: signedExec({ beacon, commandKeys, sessions: engine.exec, hubTime: now }),
    },
    inventory,
    times: connectionTimes,
    resendMs: RESEND_MS,
    onWelcome: () => void trust.hubKeys.refresh(),
    onHubTime: (hubTime) => {
      const correctionMs = clock.heard(hubTime);
      if (correctionMs !== 0) log.info({ correctionMs }, "the clock was set by the hub's");
    },
    now,
    monotonic,
    newId,
    random,
    log,
  });

  queue.resume();
  const closeApi = await serveLocalApi({
    config,
    enrolment,
    hub,
    db,
    settings,
    engine,
    measuring,
    alerting,
    trust,
    inventory,
    status,
    dashboardUrl,
    pages: fileURLToPath(new URL("../dist/dashboard", import.meta.url)),
    agentVersion,
    now,
    newId,
    log,
  });
  const sampling = measuring.keep((sample) => {
    dialogue.sampled();
    trust.look();
    alerting.sampled(sample);
  }, stop);
  const talking = dialogue.keep(stop);
  log.info({ beacon, domain, version: agentVersion }, "the agent runs");

  await Promise.all([talking, sampling]);
  await closeApi();
  dialogue.stop();
  inventory.stop();
  measuring.live.stop();
  await engine.close();
  db.close();
  unlock();
}
