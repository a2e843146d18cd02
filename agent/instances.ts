import type { InstanceRecord } from "#shared/instance.ts";
import type { InstanceState, InstanceStatus } from "#shared/inventory.ts";
import { publicUrl } from "#shared/modules/variables.ts";
import type { BeaconFacts } from "#shared/observed.ts";
import { replicasOf } from "#shared/plans/replicas.ts";
import { hostsOf } from "#shared/route.ts";
import type { Catalog } from "./catalog.ts";
import type { ListedContainer } from "./docker/containers.ts";
import type { Docker, RunningContainer } from "./docker.ts";
import type { InstanceRecords } from "./store/instance-records.ts";

export interface InstancesOptions {
  readonly docker: Docker;
  readonly records: InstanceRecords;
  readonly beacon: BeaconFacts;
  readonly catalog: Pick<Catalog, "modules">;
}

/**
 * How every installed instance is now.
 * @throws {Problem} `docker_unavailable`
 */
export async function instanceStatuses({
  docker,
  records,
  beacon,
  catalog,
}: InstancesOptions): Promise<InstanceStatus[]> {
  const [containers, running] = await Promise.all([docker.containers.list(), docker.running()]);
  return records.all().map((record) => statusOf(record, { containers, running, beacon, modules: catalog.modules }));
}

interface Seen {
  readonly containers: readonly ListedContainer[];
  readonly running: readonly RunningContainer[];
  readonly beacon: BeaconFacts;
  readonly modules?: Catalog["modules"];
}

type Service = InstanceStatus["services"][number];

/** One instance from its record and the containers that were seen. */
export function statusOf(record: InstanceRecord, { containers, running, beacon, modules = {} }: Seen): InstanceStatus {
  const { resolved } = record;
  const services = replicasOf(resolved).map(({ spec: { instance, service, image }, replica, completes }): Service => {
    const isIt = (part: { instance: string; service: string; replica?: number }) =>
      part.instance === instance && part.service === service && (part.replica ?? 1) === replica;
    const container = containers.find(isIt);
    const startedAt = running.find(isIt)?.startedAt;
    return {
      name: service,
      ...((resolved.replicas?.[service] ?? 1) > 1 ? { replica } : {}),
      ...(completes && container?.exitCode === 0 ? { done: true } : {}),
      image,
      state: container?.state ?? "missing",
      health: container?.health ?? "none",
      ...(startedAt === undefined ? {} : { startedAt }),
    };
  });
  const available = Object.hasOwn(modules, resolved.module) ? modules[resolved.module]?.manifest.version : undefined;
  return {
    name: resolved.name,
    module: resolved.module,
    title: resolved.title,
    version: resolved.version,
    ...(available === undefined || available === resolved.version ? {} : { availableVersion: available }),
    core: resolved.core,
    state: stateOf(record.desired, services),
    services,
    urls: resolved.routes
      .filter((route) => !("redirect" in route))
      .flatMap((route) => hostsOf(route).map((host) => publicUrl(host, beacon) + route.path)),
    parameters: resolved.parameters,
  };
}

function stateOf(desired: InstanceRecord["desired"], all: readonly Service[]): InstanceState {
  const services = all.filter(({ done }) => done !== true);
  const up = services.filter(({ state }) => state === "running");
  if (desired === "stopped") return up.length === 0 ? "stopped" : "degraded";
  if (up.length < services.length) {
    return services.some(({ state }) => state === "created" || state === "restarting") ? "starting" : "degraded";
  }
  if (up.some(({ health }) => health === "unhealthy")) return "degraded";
  return up.some(({ health }) => health === "starting") ? "starting" : "running";
}
