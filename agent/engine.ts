import { join } from "node:path";
import type { LogLine, LogOptions, ModuleSummary } from "#shared/api/beacon.ts";
import type { ExecSession } from "#shared/api/exec.ts";
import { certificateLogFile } from "#shared/caddy/config.ts";
import type { InstanceStatus } from "#shared/inventory.ts";
import { moduleVersion } from "#shared/modules/manifest.ts";
import type { BeaconFacts, Entitlements } from "#shared/observed.ts";
import { hostsOf } from "#shared/route.ts";
import { caddyAdmin } from "./caddy.ts";
import { caddyRoutes } from "./caddy-routes.ts";
import { loadCatalog } from "./catalog.ts";
import { createCertificates, type LookAtCertificates } from "./certificates.ts";
import { type CommandQueue, createCommandQueue } from "./command-queue.ts";
import type { AgentConfig } from "./config.ts";
import { createLookUp } from "./dns.ts";
import type { DiskUse } from "./docker/disk-use.ts";
import type { EngineTimes } from "./docker/engine-silence.ts";
import { createDocker, type RunningContainer } from "./docker.ts";
import { createExecSessions, type ExecSessions } from "./exec-sessions.ts";
import { instanceStatuses } from "./instances.ts";
import { createJournal } from "./journal.ts";
import type { Log } from "./log.ts";
import type { AppHealthSources } from "./metrics/app-health.ts";
import { createObserve } from "./observe.ts";
import { createOwnDomains } from "./own-domains.ts";
import { createPostgres } from "./postgres.ts";
import { createReconcile } from "./reconcile.ts";
import { createRedis } from "./redis.ts";
import { createSecrets } from "./secrets.ts";
import type { World } from "./steps/context.ts";
import type { AgentDatabase } from "./store/database.ts";
import { execSessionTable } from "./store/exec-sessions.ts";
import { instanceRecords } from "./store/instance-records.ts";
import { moduleVersions } from "./store/module-versions.ts";
import { routeTable } from "./store/routes.ts";
import { createSettings } from "./store/settings.ts";

/** Everything between an accepted command and a changed beacon. */
export interface Engine {
  readonly queue: CommandQueue;
  /** @throws {Problem} `docker_unavailable` */
  instances(): Promise<InstanceStatus[]>;
  modules(): ModuleSummary[];
  /** Log lines of an instance; ends with the signal, and when its containers end. */
  logs(request: LogOptions & { instance: string }, signal: AbortSignal): AsyncIterable<LogLine>;
  readonly exec: ExecSessions;
  /** Who ran what in which container, newest first. */
  execSessions(limit: number): ExecSession[];
  runningContainers(): Promise<RunningContainer[]>;
  /** How it stands with the certificates of all host names. */
  readonly certificates: LookAtCertificates;
  /** What is meant to run, and what does. */
  readonly services: AppHealthSources;
  /** Root of the beacon's own authority in PEM; undefined when certificates are public, or before Caddy first answers. */
  caCertificate(): Promise<string | undefined>;
  /** Version of the Docker Engine; undefined while it does not answer. */
  dockerVersion(): Promise<string | undefined>;
  /** @throws {Problem} `docker_unavailable` */
  diskUse(): Promise<DiskUse>;
  /** Breaks off what runs; it goes on after the next start. Does not close the store. */
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly config: AgentConfig;
  /** Base of the beacon's host names, as the enrolment gave it. */
  readonly domain: string;
  readonly store: AgentDatabase;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly randomBytes: (size: number) => Uint8Array;
  /** What was bought for the beacon, asked anew for each plan; nothing is limited when absent. */
  readonly entitlements?: () => Entitlements | null;
  /** How long Docker, Caddy or a registry may be away in the middle of a command. */
  readonly patienceMs?: number;
  /** How long a pull may go without any news. */
  readonly pullSilenceMs?: number;
  /** How long Docker may be silent. */
  readonly dockerTimes?: EngineTimes;
  /** How often a name that leads elsewhere is looked up again. */
  readonly domainsEveryMs?: number;
  /** Shortest time between two changes of progress of one command. */
  readonly progressMs?: number;
  /** How long a program in a container may go without a word in either direction. */
  readonly execIdleMs?: number;
}

const DOMAINS_MS = 60_000;

/**
 * Wires the engine. Writes the key file and Caddy's start configuration into the data folder when they are not there;
 * runs nothing until `queue.resume()` or `queue.accept()` is called.
 * @throws {Problem} `conflict` when the key file is lost
 */
export function createEngine(options: EngineOptions): Engine {
  const { config, store, log, now, patienceMs = 30_000 } = options;
  const beacon = beaconFacts(config, options.domain);
  const catalog = loadCatalog(config.modulesDirectory);
  for (const problem of catalog.problems) log.warn({ problem }, "a module was left out");

  const docker = createDocker({
    socketPath: config.dockerSocket,
    scope: config.scope,
    registryMirror: config.registryMirror,
    ...(options.pullSilenceMs === undefined ? {} : { pullSilenceMs: options.pullSilenceMs }),
    ...(options.dockerTimes === undefined ? {} : { engineTimes: options.dockerTimes }),
  });
  const admin = caddyAdmin({ socketPath: join(beacon.caddyDirectory, "admin.sock") });
  const records = instanceRecords(store);
  const table = routeTable(store);
  const domains =
    beacon.certificates === "acme"
      ? createOwnDomains({
          domain: beacon.domain,
          lookUp: createLookUp(config.dnsServers),
          settings: createSettings(store),
        })
      : undefined;
  const world: World = {
    docker,
    routes: caddyRoutes({ admin, table, beacon, domains }),
    postgres: createPostgres({ exec: docker.exec, container: { instance: "postgresql", service: "postgresql" } }),
    redis: createRedis({ exec: docker.exec, container: { instance: "redis", service: "redis" } }),
    secrets: createSecrets({
      db: store,
      keyFile: join(config.dataDirectory, "secret.key"),
      randomBytes: options.randomBytes,
    }),
    records,
  };
  const versions = moduleVersions(store);
  versions.keep(
    Object.values(catalog.modules),
    new Set(records.all().map(({ resolved: { module: id, version } }) => moduleVersion({ id, version }))),
  );
  const observe = createObserve({
    world,
    catalog,
    formerModules: versions.all(),
    beacon,
    dataDirectory: config.dataDirectory,
    ...(options.entitlements === undefined ? {} : { entitlements: options.entitlements }),
  });
  const reconcile = createReconcile({ observe, world, now, patienceMs });
  const queue = createCommandQueue({
    journal: createJournal(store, now),
    reconcile,
    observe,
    log,
    ...(options.progressMs === undefined ? {} : { progressMs: options.progressMs }),
  });

  const sessions = execSessionTable(store);
  const exec = createExecSessions({
    attach: docker.attach,
    endProgram: docker.endProgram,
    instances: records.all,
    table: sessions,
    idleMs: options.execIdleMs ?? 30 * 60_000,
    now,
    log,
  });

  world.routes.prepare();
  const sync = () =>
    void world.routes.sync().catch((error) => log.error({ error }, "Caddy did not take the routes of this beacon"));
  sync();
  const lookAgain = setInterval(() => domains?.isWaiting() && sync(), options.domainsEveryMs ?? DOMAINS_MS);
  exec.clear().catch((error) => log.error({ err: error }, "programs that were left running could not be ended"));

  return {
    queue,
    instances: () => instanceStatuses({ docker, records, beacon, catalog }),
    modules: () => [...catalog.summaries],
    logs: docker.logs,
    exec,
    execSessions: sessions.list,
    runningContainers: docker.running,
    certificates: createCertificates({
      hosts: () => [beacon.domain, ...table.all().flatMap(({ routes }) => routes.flatMap(hostsOf))],
      elsewhere: domains?.elsewhere,
      address: beacon.address,
      port: beacon.httpsPort,
      logFile: join(beacon.caddyDirectory, certificateLogFile),
      now,
    }),
    services: { records: records.all, containers: docker.containers.list },
    diskUse: docker.diskUse,
    caCertificate: config.certificates === "internal" ? rememberLast(admin.rootCertificate) : async () => undefined,
    dockerVersion: () => docker.version().catch(() => undefined),
    close: () => {
      clearInterval(lookAgain);
      return queue.stop();
    },
  };
}

/**
 * What was read last, while it cannot be read: after it has refused a configuration, Caddy 2.6 drops each connection
 * that asks for its authority, until the next one that it takes.
 */
function rememberLast(read: () => Promise<string>): () => Promise<string | undefined> {
  let last: string | undefined;
  return async () => {
    last = await read().catch(() => last);
    return last;
  };
}

/** What is settled about the beacon before any module is on it. */
export const beaconFacts = (config: AgentConfig, domain: string): BeaconFacts => ({
  domain,
  address: config.address,
  httpPort: config.httpPort,
  httpsPort: config.httpsPort,
  certificates: config.certificates,
  ...(config.acme === undefined ? {} : { acme: config.acme }),
  caddyDirectory: join(config.dataDirectory, "caddy"),
});
