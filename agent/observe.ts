import { statfs } from "node:fs/promises";
import { parseSecretName } from "#shared/modules/secret-names.ts";
import { DATABASE_SECRET, databaseName, REDIS_SECRET, sharedServices } from "#shared/modules/variables.ts";
import type { BeaconFacts, Entitlements, Observed, ObservedPort } from "#shared/observed.ts";
import type { Catalog } from "./catalog.ts";
import type { ListedContainer } from "./docker/containers.ts";
import { machineReader } from "./observe/machine.ts";
import { readMemory } from "./observe/memory.ts";
import { readPorts } from "./observe/ports.ts";
import type { World } from "./steps/context.ts";

export interface ObserveOptions {
  readonly world: World;
  readonly catalog: Catalog;
  /** Versions of modules that are no longer in the catalogue, by `id@version`. */
  readonly formerModules?: Observed["formerModules"];
  readonly beacon: BeaconFacts;
  /** Its file system is the one whose space counts. */
  readonly dataDirectory: string;
  /** What was bought for the beacon; nothing is limited when absent. */
  readonly entitlements?: () => Entitlements | null;
  /** Whether to look at what others have made too; two more calls of the engine. */
  readonly engineNames?: boolean;
}

/**
 * Looks at everything that planners may look at, at the same time, in five calls of the Docker Engine. Who may sign in to
 * PostgreSQL and Redis is looked at once in each run of their containers, and after each change: four more calls each.
 * @throws {Problem} `docker_unavailable`
 */
export type Observe = () => Promise<Observed>;

export function createObserve(options: ObserveOptions): Observe {
  const { world, catalog, formerModules = {}, beacon, dataDirectory, engineNames, entitlements = () => null } = options;
  const { docker, routes, postgres, redis, secrets, records } = world;
  const readMachine = machineReader();

  async function containersAndWhatTheyHold() {
    const { ours: containers, foreign } = await docker.containers.survey();
    const running = (service: string) =>
      containers.find(({ instance, state }) => instance === service && state === "running");
    const [databases, redisUsers] = await Promise.all([
      observeDatabases(running(sharedServices.postgres)),
      observeRedis(running(sharedServices.redis)),
    ]);
    return { containers, foreign, databases, redisUsers };
  }

  /** Which generation of a secret of its instance the password of a login of a shared service is. */
  function matchSecrets(wanted: string) {
    const passwords = Object.entries(secrets.names()).flatMap(([instance, names]) =>
      names
        .filter((name) => parseSecretName(name).secret === wanted)
        .map((name) => ({ login: databaseName(instance), name, password: secrets.reveal(instance, name) })),
    );
    return (login: string, accepts: (password: string) => boolean) =>
      passwords.find((known) => known.login === login && accepts(known.password))?.name;
  }

  async function observeDatabases(container: ListedContainer | undefined): Promise<Observed["databases"]> {
    if (container === undefined) return null;
    const databases = await postgres.list(container.run);
    const matches = matchSecrets(DATABASE_SECRET);
    return (
      databases?.map(({ database, createdBy, accepts }) => ({
        database,
        createdBy,
        secret: matches(database, accepts),
      })) ?? null
    );
  }

  async function observeRedis(container: ListedContainer | undefined): Promise<Observed["redisUsers"]> {
    if (container === undefined) return null;
    const users = await redis.list(container.run);
    const matches = matchSecrets(REDIS_SECRET);
    return users?.map(({ user, createdBy, accepts }) => ({ user, createdBy, secret: matches(user, accepts) })) ?? null;
  }

  return async () => {
    const [
      { containers, foreign, databases, redisUsers },
      networks,
      volumes,
      engine,
      images,
      machine,
      served,
      ports,
      memory,
      disk,
    ] = await Promise.all([
      containersAndWhatTheyHold(),
      docker.networks.survey(),
      docker.volumes.survey(),
      engineNames ? docker.engineNames() : undefined,
      docker.images.list(),
      docker.facts().then(readMachine),
      routes.observe(),
      readPorts(),
      readMemory(),
      statfs(dataDirectory),
    ]);
    return {
      beacon,
      modules: catalog.modules,
      formerModules,
      instances: records.all(),
      containers,
      networks: networks.ours,
      volumes: volumes.ours,
      ...(engine === undefined ? {} : { engine }),
      images,
      secrets: secrets.names(),
      databases,
      redisUsers,
      routes: served,
      foreign: { container: foreign, network: networks.foreign, volume: volumes.foreign },
      machine,
      entitlements: entitlements(),
      ports: attribute(ports, containers),
      memory,
      disk: { totalBytes: disk.blocks * disk.bsize, freeBytes: disk.bavail * disk.bsize },
    };
  };
}

/** Ports of our own containers say whose they are; they may be published without anybody listening on the host. */
export function attribute(
  listening: readonly Omit<ObservedPort, "instance">[],
  containers: readonly Pick<ListedContainer, "instance" | "ports">[],
): ObservedPort[] {
  const key = ({ port, protocol }: Omit<ObservedPort, "instance">) => `${port}/${protocol}`;
  const found = new Map<string, ObservedPort>(listening.map((port) => [key(port), port]));
  for (const { instance, ports } of containers) {
    for (const port of ports) found.set(key(port), { ...port, instance });
  }
  return [...found.values()];
}
