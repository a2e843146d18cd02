import { statfs } from "node:fs/promises";
import { sharedServices } from "#shared/modules/variables.ts";
import type { BeaconFacts, Observed, ObservedPort } from "#shared/observed.ts";
import type { Catalog } from "./catalog.ts";
import type { ListedContainer } from "./docker/containers.ts";
import { readMemory } from "./observe/memory.ts";
import { readPorts } from "./observe/ports.ts";
import type { World } from "./steps/context.ts";

export interface ObserveOptions {
  readonly world: World;
  readonly catalog: Catalog;
  readonly beacon: BeaconFacts;
  /** Its file system is the one whose space counts. */
  readonly dataDirectory: string;
}

/**
 * Looks at everything that planners may look at, at the same time, in four calls of the Docker Engine and three more
 * where PostgreSQL runs.
 * @throws {Problem} `docker_unavailable`
 */
export type Observe = () => Promise<Observed>;

export function createObserve({ world, catalog, beacon, dataDirectory }: ObserveOptions): Observe {
  const { docker, routes, postgres, secrets, records } = world;

  async function containersAndDatabases() {
    const containers = await docker.containers.list();
    const runs = containers.some(({ instance, state }) => instance === sharedServices.postgres && state === "running");
    return { containers, databases: runs ? await postgres.list() : null };
  }

  return async () => {
    const [{ containers, databases }, networks, volumes, images, served, ports, memory, disk] = await Promise.all([
      containersAndDatabases(),
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
      instances: records.all(),
      containers,
      networks,
      volumes,
      images,
      secrets: secrets.names(),
      databases,
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
