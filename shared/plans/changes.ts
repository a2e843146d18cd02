import type { ContainerSpec } from "../container-spec.ts";
import { hashOf } from "../hash.ts";
import type { InstanceRecord, ResolvedInstance } from "../instance.ts";
import type { Observed, ObservedContainer } from "../observed.ts";
import type { Step } from "../steps.ts";

/** The record of an instance as it is after all steps of its plan. */
export const recordOf = (
  resolved: ResolvedInstance,
  desired: InstanceRecord["desired"] = "running",
): InstanceRecord => ({
  resolved,
  hash: hashOf(resolved),
  desired,
});

/** Steps from what is seen to `resolved` running and served. Empty when that already holds. */
export function planRunning(resolved: ResolvedInstance, seen: Observed): Step[] {
  const record = recordOf(resolved);
  const before = seen.instances.find((instance) => instance.resolved.name === resolved.name);
  return [
    ...planPrerequisites(resolved, seen),
    ...planOrphans(resolved, seen),
    ...resolved.containers.flatMap((spec) => planContainer(spec, containerOf(seen, spec))),
    ...planRoutes(resolved, seen),
    ...(before?.hash === record.hash && before.desired === "running"
      ? []
      : [{ kind: "instance.put", record } as const]),
  ];
}

/** Steps to no container and no route of the instance; with `data: "delete"` to no trace of it at all. */
export function planRemoved(instance: string, seen: Observed, data: "keep" | "delete"): Step[] {
  const record = seen.instances.find((known) => known.resolved.name === instance);
  const containers = seen.containers.filter((container) => container.instance === instance);
  return [
    ...(hasRoutes(seen, instance) ? [{ kind: "routes.remove", instance } as const] : []),
    ...containers.flatMap(planContainerRemoved),
    ...seen.networks
      .filter((network) => network.startsWith(`${instance}/`))
      .map((network) => ({ kind: "network.remove", network }) as const),
    ...(data === "delete" ? planDataRemoved(instance, seen, record?.resolved.database?.name) : []),
    ...(record === undefined ? [] : [{ kind: "instance.remove", instance } as const]),
  ];
}

function planDataRemoved(instance: string, seen: Observed, database: string | undefined): Step[] {
  const hasDatabase = seen.databases?.some((known) => known.database === database) ?? false;
  return [
    ...(database !== undefined && hasDatabase ? [{ kind: "database.drop", database } as const] : []),
    ...seen.volumes
      .filter(({ volume }) => volume.startsWith(`${instance}/`))
      .map(({ volume }) => ({ kind: "volume.remove", volume }) as const),
    ...(Object.hasOwn(seen.secrets, instance) ? [{ kind: "secrets.remove", instance } as const] : []),
  ];
}

function planPrerequisites(resolved: ResolvedInstance, seen: Observed): Step[] {
  const images = [...new Set(resolved.containers.map(({ image }) => image))];
  const secrets = seen.secrets[resolved.name] ?? [];
  const { database } = resolved;
  const hasDatabase = seen.databases?.some((known) => known.database === database?.name) ?? false;
  return [
    ...images.filter((image) => !seen.images.includes(image)).map((image) => ({ kind: "image.pull", image }) as const),
    ...resolved.networks
      .filter(({ network }) => !seen.networks.includes(network))
      .map(({ network, internal }) => ({ kind: "network.create", network, internal }) as const),
    ...resolved.volumes
      .filter((volume) => !seen.volumes.some((known) => known.volume === volume))
      .map((volume) => ({ kind: "volume.create", volume }) as const),
    ...resolved.secrets
      .filter(({ secret }) => !secrets.includes(secret))
      .map(({ secret, bytes }) => ({ kind: "secret.create", instance: resolved.name, secret, bytes }) as const),
    ...(database === undefined || hasDatabase
      ? []
      : [
          {
            kind: "database.create",
            instance: resolved.name,
            database: database.name,
            secret: database.secret,
          } as const,
        ]),
  ];
}

const containerOf = (seen: Observed, spec: Pick<ContainerSpec, "instance" | "service">) =>
  seen.containers.find(({ instance, service }) => instance === spec.instance && service === spec.service);

/** Containers of the instance whose service is no longer in it. */
const planOrphans = (resolved: ResolvedInstance, seen: Observed): Step[] =>
  seen.containers
    .filter(({ instance }) => instance === resolved.name)
    .filter(({ service }) => !resolved.containers.some((spec) => spec.service === service))
    .flatMap(planContainerRemoved);

function planContainer(spec: ContainerSpec, seen: ObservedContainer | undefined): Step[] {
  const { instance, service } = spec;
  const start: Step[] = [
    { kind: "container.start", instance, service },
    { kind: "container.healthy", instance, service },
  ];
  if (seen === undefined) return [{ kind: "container.create", spec }, ...start];
  if (seen.spec !== hashOf(spec)) return [...planContainerRemoved(seen), { kind: "container.create", spec }, ...start];
  if (seen.state !== "running") return start;
  if (seen.health === "starting" || seen.health === "unhealthy") {
    return [{ kind: "container.healthy", instance, service }];
  }
  return [];
}

const stoppable: ReadonlySet<ObservedContainer["state"]> = new Set(["running", "restarting", "paused"]);

const planContainerRemoved = ({ instance, service, state }: ObservedContainer): Step[] => [
  ...(stoppable.has(state) ? [{ kind: "container.stop", instance, service } as const] : []),
  { kind: "container.remove", instance, service },
];

const hasRoutes = (seen: Observed, instance: string) => Object.hasOwn(seen.routes ?? {}, instance);

function planRoutes(resolved: ResolvedInstance, seen: Observed): Step[] {
  const { name: instance, routes } = resolved;
  if (routes.length === 0) return hasRoutes(seen, instance) ? [{ kind: "routes.remove", instance }] : [];
  return seen.routes?.[instance] === hashOf(routes) ? [] : [{ kind: "routes.put", instance, routes }];
}

/** Steps to no running container of the instance. What stops last is what others wait for. */
export function planStopped(record: InstanceRecord, seen: Observed): Step[] {
  const { name } = record.resolved;
  const running = seen.containers.filter(({ instance, state }) => instance === name && stoppable.has(state));
  const order = record.resolved.containers.map(({ service }) => service);
  running.sort((a, b) => order.indexOf(b.service) - order.indexOf(a.service));
  return [
    ...running.map(({ instance, service }) => ({ kind: "container.stop", instance, service }) as const),
    ...(record.desired === "stopped"
      ? []
      : [{ kind: "instance.put", record: { ...record, desired: "stopped" } } as const]),
  ];
}
