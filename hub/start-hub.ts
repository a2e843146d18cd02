import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import { mailerKinds } from "#mail/index.ts";
import { createAlerting } from "./alerts/alerting.ts";
import { createAccounts } from "./auth/accounts.ts";
import { openAuth } from "./auth/auth.ts";
import { createRateLimit } from "./auth/rate-limit.ts";
import { createSetup } from "./auth/setup.ts";
import { openTokenKeys } from "./auth/token-keys.ts";
import { createVisitTokens } from "./auth/visit-token.ts";
import { openChoice } from "./choice.ts";
import { createAuditLedger } from "./commands/audit-ledger.ts";
import { createDispatch, isEnded } from "./commands/dispatch.ts";
import type { HubConfig } from "./config.ts";
import { dnsKinds } from "./dns/index.ts";
import { createAuthority, type OpenResolver, openSystemResolver } from "./dns/zone/authority.ts";
import { every } from "./every.ts";
import { createExecSessions } from "./exec-sessions.ts";
import { readCatalog } from "./fleet/catalog.ts";
import { createApp } from "./http/app.ts";
import { createGuards } from "./http/guards.ts";
import { metricsPage } from "./http/metrics-page.ts";
import type { HttpParts } from "./http/parts.ts";
import { createScrapeTokens } from "./http/scrape-access.ts";
import { startServer } from "./http/server.ts";
import type { NewId } from "./id.ts";
import { createMeasurements } from "./ingest/measurements.ts";
import { createLive } from "./live.ts";
import { createMailQueue } from "./mail/mail-queue.ts";
import { openBusiness } from "./open-business.ts";
import { openSecrets } from "./private-files.ts";
import { openOwnProvider } from "./providers/own-provider.ts";
import type { ReconcileTimes } from "./reconcile/open-reconcile.ts";
import { createReleases } from "./releases/releases.ts";
import type { Billing } from "./shop/billing.ts";
import { openSigner } from "./signer/open-signer.ts";
import { createAudit } from "./store/audit.ts";
import { createBeaconStore } from "./store/beacons.ts";
import { startCheckpoints } from "./store/checkpoints.ts";
import { createCommandStore } from "./store/commands.ts";
import { openDatabase } from "./store/database.ts";
import { createDocumentStore } from "./store/documents.ts";
import { lockExclusively } from "./store/lock.ts";
import { createMailStore } from "./store/mails.ts";
import { migrate } from "./store/migrate.ts";
import { createSettingStore } from "./store/settings.ts";
import { createMembership } from "./trust/membership.ts";
import { hubVersion } from "./version.ts";
import { createAgentEndpoint, type LinkLimits } from "./ws/agent-endpoint.ts";
import { createLinks } from "./ws/links.ts";
import { createWatch } from "./ws/watch.ts";

const SWEEP_MS = 5_000;
const PRUNE_MS = 600_000;

export interface HubTools {
  readonly log: Logger;
  readonly now: () => number;
  readonly newId: NewId;
  /** Who takes the money; nobody when absent. */
  readonly billing?: Billing | undefined;
  /** How patient the hub is, where it differs from what is usual. */
  readonly times?:
    | (LinkLimits & {
        readonly sweepMs?: number;
        readonly streams?: HttpParts["streamTimes"];
        readonly reconcile?: ReconcileTimes;
      })
    | undefined;
  /** How name servers are asked; as this machine does when absent. */
  readonly openResolver?: OpenResolver | undefined;
  /** Where the APIs of vendors are, by their names, where that is not where they are for everybody. */
  readonly vendorEndpoints?: Readonly<Record<string, string>> | undefined;
}

export interface Hub {
  readonly port: number;
  /** Ends what is under way; what is stored goes on at the next start. */
  stop(): Promise<void>;
}

/**
 * Makes the parts of the hub, wires them, and opens its doors.
 * @throws {Problem} `port_taken`, `invalid_input` for a setting that turns out wrong, and what reading modules throws
 */
export async function startHub(config: HubConfig, tools: HubTools): Promise<Hub> {
  const { log, now, newId, billing: payDesk, times, vendorEndpoints } = tools;
  const { publicUrl: origin, dataDirectory, trustedProxies, zone } = config;
  const onError = (error: unknown) => log.error({ error }, "something failed in the background");
  mkdirSync(dataDirectory, { recursive: true });
  chmodSync(dataDirectory, 0o700);
  const unlock = lockExclusively(join(dataDirectory, "hub.lock"));
  const secrets = openSecrets(dataDirectory);
  const tokenKeys = openTokenKeys(dataDirectory, now);
  const signer = openSigner(config, now);
  const catalog = readCatalog(config.modulesDirectory);
  const own = await openOwnProvider(config);
  const authority = createAuthority(tools.openResolver ?? openSystemResolver);
  const dns = openChoice(dnsKinds, config.dns, "dns", (kind, credentials) =>
    kind.open(credentials, { endpoint: vendorEndpoints?.[kind.name], now, sleep, authority }),
  );
  const releases = config.releases === undefined ? undefined : createReleases(config.releases);
  const databaseFile = join(dataDirectory, "hub.sqlite");
  const db = openDatabase(databaseFile, "elsewhere");
  await migrate(db);
  const endCheckpoints = startCheckpoints(databaseFile, onError);

  const live = createLive(onError);
  const audit = createAudit(db, now);
  const beacons = createBeaconStore(db, now);
  const commands = createCommandStore(db);
  const documents = createDocumentStore(db);
  const mail = createMailQueue({
    mails: createMailStore(db),
    documents,
    mailer: openChoice(mailerKinds, config.mail, "mail", (kind, settings) =>
      kind.open(settings, { publicHost: new URL(origin).hostname, endpoint: vendorEndpoints?.[kind.name] }),
    ),
    now,
    onProblem: (problem, { id }) => log.warn({ problem, cause: problem.cause, mail: id }, "a mail did not go out"),
  });

  const rateLimit = createRateLimit(now);
  const auth = await openAuth({
    db,
    mail,
    audit,
    rateLimit,
    origin,
    secret: secrets.session,
    newId,
    onPasswordReset: (user) => people.revoke(user),
    log,
  });
  const accounts = createAccounts(auth, origin, now);
  const setup = createSetup(accounts, audit, dataDirectory);

  const links = createLinks();
  const watch = createWatch(links.send);
  const settings = createSettingStore(db);
  const { rollups, gaps, fleet, ingest, history, remoteWrite, ...measurements } = createMeasurements({
    db,
    settings,
    sealingKey: secrets.sealing,
    beacons,
    links,
    live,
    pruneMs: PRUNE_MS,
    now,
    log,
    onError,
  });
  const dispatch = createDispatch({ commands, links, live, signer, ttlMs: config.commandTtlMs, now, newId, onError });
  const scrapeTokens = createScrapeTokens(settings, now);
  const alerting = createAlerting({
    db,
    sealingKey: secrets.sealing,
    signer,
    beacons,
    links,
    mail,
    live,
    origin,
    sweepMs: times?.sweepMs ?? SWEEP_MS,
    now,
    newId,
    log,
    onError,
  });
  const { enrolments, people, departures, trust, ...membership } = createMembership({
    db,
    beacons,
    links,
    signer,
    audit,
    announce: fleet.announce,
    onEnrolling: (beacon) => void wake(beacon).catch(onError),
    origin,
    pruneMs: PRUNE_MS,
    now,
    onError,
  });
  const business = await openBusiness(config, {
    ...{ db, settings, catalog, own, dns, releases, vendorEndpoints, payDesk, times, log, now, newId, onError },
    ...{ live, mail, documents, accounts, beacons, fleet, rollups, links, dispatch, enrolments },
    sealingKey: secrets.sealing,
    endSessions: people.revoke,
  });
  const { billing, provisioning, lifecycle, reconcile, providers, opened, wake } = business;
  live.subscribe("command", ({ beacon, command }) => {
    if (isEnded(command)) wake(beacon).catch(onError);
  });

  const agents = createAgentEndpoint({
    beacons,
    signer,
    trust,
    origin,
    now,
    links,
    reports: {
      ...dispatch,
      connected: async (beacon, hello) => {
        await dispatch.connected(beacon, hello);
        await wake(beacon);
      },
    },
    ingest,
    history,
    events: alerting.intake,
    handout: alerting.handout,
    watch,
    live,
    log,
    newId,
    ...times,
  });
  const app = createApp(
    {
      accounts,
      ...alerting,
      audit,
      auditLedger: createAuditLedger({ commands, links, now }),
      auth,
      beacons,
      billing,
      catalog,
      dispatch,
      enrolments,
      execSessions: createExecSessions({ links, signer, audit, now, newId }),
      fleet,
      gaps,
      info: { zone, version: hubVersion },
      lifecycle,
      guards: createGuards({ accounts, beacons, rateLimit, trustedProxies }),
      links,
      live,
      orders: provisioning,
      providers,
      reconcile,
      releases,
      remoteWrite,
      rollups,
      scrapeTokens,
      setup,
      shop: opened?.shop,
      streamTimes: times?.streams ?? {},
      signVisitToken: createVisitTokens({ key: tokenKeys.active, origin, now, newId }),
      watch,
      tokenKeys,
      trust,
      departures,
      people,
      trustedProxies,
      now,
    },
    {
      origin,
      zone,
      trustedProxies,
      pagesDirectory: config.consoleDirectory ?? fileURLToPath(new URL("../dist/console", import.meta.url)),
      site: opened,
      formTargets: business.formTargets,
      log,
      metricsPage: () => metricsPage({ beacons, rollups, links, commands, ingest, history, remoteWrite, now }),
    },
  );

  const setupFile = await setup.prepare();
  if (setupFile !== undefined)
    log.info({ file: setupFile }, "waiting for its operator: the set-up code is in this file");
  await remoteWrite.start();
  const server = await startServer({
    app,
    agents,
    address: config.listen,
    socketPath: join(dataDirectory, "root.sock"),
  });
  business.start();
  mail.start();
  alerting.start();
  measurements.start();
  membership.start();
  const loops = [every(times?.sweepMs ?? SWEEP_MS, dispatch.sweep, onError), every(PRUNE_MS, alerting.prune, onError)];
  log.info({ port: server.port, origin }, "the hub is up");

  return {
    port: server.port,
    stop: async () => {
      await server.stop();
      await Promise.all([
        business.stop(),
        alerting.stop(),
        mail.stop(),
        measurements.stop(),
        membership.stop(),
        ...loops.map((stop) => stop()),
      ]);
      await endCheckpoints();
      await db.destroy();
      signer.close();
      unlock();
    },
  };
}
