import { hashOf } from "../hash.ts";
import type { InstanceRecord, ResolvedInstance } from "../instance.ts";
import { databaseName, REDIS_DATABASE, serviceUser } from "../modules/variables.ts";
import type { Observed } from "../observed.ts";
import type { Step } from "../steps.ts";
import {
  planContainersRemoved,
  planContainersRunning,
  planContainersStopped,
  planRunningStopped,
} from "./containers.ts";

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
  const before = recordIn(seen, resolved.name);
  const containers = planContainersRunning(resolved, seen);
  return [
    ...planPrerequisites(resolved, seen, containers),
    ...containers,
    ...planRoutes(resolved, seen),
    ...planOrphanNetworks(resolved, seen),
    ...(before?.hash === record.hash && before.desired === "running"
      ? []
      : [{ kind: "instance.put", record } as const]),
  ];
}

/** Steps to the instance as it is recorded, whether that is running or stopped. */
export function planRecorded({ resolved, desired }: InstanceRecord, seen: Observed): Step[] {
  if (desired === "running") return planRunning(resolved, seen);
  const containers = planContainersStopped(resolved, seen);
  return [
    ...planPrerequisites(resolved, seen, containers),
    ...containers,
    ...planRoutes(resolved, seen),
    ...planOrphanNetworks(resolved, seen),
  ];
}

/** Steps to no running container of the instance; all else stays. */
export const planStopped = (record: InstanceRecord, seen: Observed): Step[] => [
  ...planRunningStopped(record.resolved, seen),
  ...(record.desired === "stopped"
    ? []
    : [{ kind: "instance.put", record: { ...record, desired: "stopped" } } as const]),
];

/** Steps to no container and no route of the instance; with `data: "delete"` to no trace of it at all. */
export function planRemoved(instance: string, seen: Observed, data: "keep" | "delete"): Step[] {
  const record = recordIn(seen, instance);
  return [
    ...(hasRoutes(seen, instance) ? [{ kind: "routes.remove", instance } as const] : []),
    ...planContainersRemoved(instance, record?.resolved, seen),
    ...seen.networks
      .filter((network) => network.startsWith(`${instance}/`))
      .map((network) => ({ kind: "network.remove", network }) as const),
    ...(data === "delete" ? planDataRemoved(instance, seen) : []),
    ...(record === undefined ? [] : [{ kind: "instance.remove", instance } as const]),
  ];
}

const recordIn = (seen: Observed, instance: string) =>
  seen.instances.find(({ resolved }) => resolved.name === instance);

function planDataRemoved(instance: string, seen: Observed): Step[] {
  return [
    ...(hasDatabase(seen, instance) ? [{ kind: "database.drop", database: databaseName(instance) } as const] : []),
    ...(hasRedisUser(seen, instance)
      ? [{ kind: "redis.user-remove", instance, user: serviceUser(instance) } as const]
      : []),
    ...seen.volumes
      .filter(({ volume }) => volume.startsWith(`${instance}/`))
      .map(({ volume }) => ({ kind: "volume.remove", volume }) as const),
    ...(Object.hasOwn(seen.secrets, instance) ? [{ kind: "secrets.remove", instance } as const] : []),
  ];
}

/** While PostgreSQL does not answer, the record says what will be found when it is back. */
function hasDatabase(seen: Observed, instance: string): boolean {
  if (seen.databases !== null) return seen.databases.some(({ database }) => database === databaseName(instance));
  return recordIn(seen, instance)?.resolved.database !== undefined;
}

/** While Redis does not answer, the record says what will be found when it is back. */
function hasRedisUser(seen: Observed, instance: string): boolean {
  if (seen.redisUsers !== null) return seen.redisUsers.some(({ user }) => user === serviceUser(instance));
  return recordIn(seen, instance)?.resolved.redis !== undefined;
}

/** What has to be there before `containers`, which are steps of the same plan, can be carried out. */
function planPrerequisites(resolved: ResolvedInstance, seen: Observed, containers: readonly Step[]): Step[] {
  const images = new Set(containers.flatMap((step) => (step.kind === "container.create" ? [step.spec.image] : [])));
  const secrets = seen.secrets[resolved.name] ?? [];
  return [
    ...[...images]
      .filter((image) => !seen.images.includes(image))
      .map((image) => ({ kind: "image.pull", image }) as const),
    ...resolved.networks
      .filter(({ network }) => !seen.networks.includes(network))
      .map((network) => ({ kind: "network.create", ...network }) as const),
    ...resolved.volumes
      .filter((volume) => !seen.volumes.some((known) => known.volume === volume))
      .map((volume) => ({ kind: "volume.create", volume, ...resolved.volumeSettings?.[volume] }) as const),
    ...resolved.secrets
      .filter(({ secret }) => !secrets.includes(secret))
      .map(({ secret, bytes }) => ({ kind: "secret.create", instance: resolved.name, secret, bytes }) as const),
    ...planDatabase(resolved, seen),
    ...planRedisUser(resolved, seen),
  ];
}

/** An owner whose password is another one, as after a backup of PostgreSQL was put back, is made to match its secret. */
function planDatabase({ name: instance, database }: ResolvedInstance, seen: Observed): Step[] {
  if (database === undefined) return [];
  const found = seen.databases?.find((known) => known.database === database.name);
  if (found?.secret === database.secret) return [];
  const step = { instance, database: database.name, secret: database.secret };
  return [found === undefined ? { kind: "database.create", ...step } : { kind: "database.password", ...step }];
}

/** As for a database. */
function planRedisUser({ name: instance, redis }: ResolvedInstance, seen: Observed): Step[] {
  if (redis === undefined) return [];
  const isNumbered = seen.secrets[instance]?.includes(REDIS_DATABASE) ?? false;
  const found = seen.redisUsers?.find(({ user }) => user === redis.user);
  if (isNumbered && found?.secret === redis.secret) return [];
  const kind = isNumbered && found !== undefined ? "redis.password" : "redis.user-create";
  return [{ kind, instance, ...redis }];
}

/** Networks of its own that the instance no longer has. */
const planOrphanNetworks = ({ name, networks }: ResolvedInstance, seen: Observed): Step[] =>
  seen.networks
    .filter((network) => network.startsWith(`${name}/`) && !networks.some((wanted) => wanted.network === network))
    .map((network) => ({ kind: "network.remove", network }));

/** While Caddy does not answer, the record says what it will serve when it is back. */
function hasRoutes(seen: Observed, instance: string): boolean {
  if (seen.routes !== null) return Object.hasOwn(seen.routes, instance);
  return (recordIn(seen, instance)?.resolved.routes.length ?? 0) > 0;
}

function planRoutes(resolved: ResolvedInstance, seen: Observed): Step[] {
  const { name: instance, routes } = resolved;
  if (routes.length === 0) return hasRoutes(seen, instance) ? [{ kind: "routes.remove", instance }] : [];
  return seen.routes?.[instance] === hashOf(routes) ? [] : [{ kind: "routes.put", instance, routes }];
}
