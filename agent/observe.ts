import { statfs } from "node:fs/promises";
import { parseSecretName } from "#shared/modules/secret-names.ts";
import { DATABASE_SECRET, databaseName, REDIS_SECRET, sharedServices } from "#shared/modules/variables.ts";
import type { BeaconFacts, Observed, ObservedPort } from "#shared/observed.ts";
import type { Catalog } from "./catalog.ts";
import type { ListedContainer } from "./docker/containers.ts";
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
}

/**
 * Looks at everything that planners may look at, at the same time, in four calls of the Docker Engine and three more
 * each where PostgreSQL and where Redis runs.
 * @throws {Problem} `docker_unavailable`
 */
export type Observe = () => Promise<Observed>;

export function createObserve({ world, catalog, formerModules = {}, beacon, dataDirectory }: ObserveOptions): Observe {
  const { docker, routes, postgres, redis, secrets, records } = world;

  async function containersAndWhatTheyHold() {
    const containers = await docker.containers.list();
    const runs = (service: string) =>
      containers.some(({ instance, state }) => instance === service && state === "running");
    const [databases, redisUsers] = await Promise.all([
      runs(sharedServices.postgres) ? observeDatabases() : null,
      runs(sharedServices.redis) ? observeRedis() : null,
    ]);
    return { containers, databases, redisUsers };
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

  async function observeDatabases(): Promise<Observed["databases"]> {
    const databases = await postgres.list();
    const matches = matchSecrets(DATABASE_SECRET);
    return (
      databases?.map(({ database, createdBy, accepts }) => ({
        database,
        createdBy,
        secret: matches(database, accepts),
      })) ?? null
    );
  }

  async function observeRedis(): Promise<Observed["redisUsers"]> {
    const users = await redis.list();
    const matches = matchSecrets(REDIS_SECRET);
    return users?.map(({ user, createdBy, accepts }) => ({ user, createdBy, secret: matches(user, accepts) })) ?? null;
  }

  return async () => {
    const [{ containers, databases, redisUsers }, networks, volumes, images, served, ports, memory, disk] =
      await Promise.all([
        containersAndWhatTheyHold(),
        docker.networks.list(),
        docker.volumes.list(),
        docker.images.list(),
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
      networks,
      volumes,
      images,
      secrets: secrets.names(),
      databases,
      redisUsers,
      routes: served,
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
