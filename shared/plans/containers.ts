import { ASIDE, canOverlap, generationOf } from "../generation.ts";
import type { ResolvedInstance } from "../instance.ts";
import type { Observed, ObservedContainer } from "../observed.ts";
import type { Step } from "../steps.ts";
import { type Replica, replicasOf } from "./replicas.ts";
import { verdictOf } from "./verdict.ts";

/** Steps from what is seen to each container of the instance made as specified, running and healthy. */
export const planContainersRunning = (resolved: ResolvedInstance, seen: Observed): Step[] => {
  const madeAnew = new Set<string>();
  return [
    ...planOrphansRemoved(resolved, seen),
    ...replicasOf(resolved).flatMap((wanted) => {
      const present = inPlaceOf(wanted, seen);
      // A namespace ends with the container that has it, and who shares it has to be made again.
      const isCutOff = Object.keys(wanted.spec.engine?.namespaces ?? {}).some((owner) => madeAnew.has(owner));
      const plan = isCutOff
        ? [...present.flatMap(planRemoved), ...planReplicaRunning(wanted, [])]
        : planReplicaRunning(wanted, present);
      if (plan.some(({ kind }) => kind === "container.create")) madeAnew.add(wanted.spec.service);
      return plan;
    }),
  ];
};

/** Steps from what is seen to each container of the instance made as specified, and none running. */
export const planContainersStopped = (resolved: ResolvedInstance, seen: Observed): Step[] => {
  const wanted = replicasOf(resolved).map((replica) => ({
    ...replica,
    verdict: verdictOf(replica.spec, inPlaceOf(replica, seen)),
  }));
  const kept = new Set(wanted.flatMap(({ verdict: { current } }) => current ?? []));
  return [
    ...planOrphansRemoved(resolved, seen),
    ...inStopOrder(resolved, containersOf(resolved, seen))
      .filter((container) => !isOrphan(resolved, container))
      .flatMap((container) => (kept.has(container) ? planStopped(container) : planRemoved(container))),
    ...wanted.flatMap(({ spec, replica, verdict: { kind, current } }): Step[] => {
      if (current === undefined) return [{ kind: "container.create", spec, replica }];
      return kind === "update" ? [{ kind: "container.update", spec, replica }] : [];
    }),
  ];
};

/** Steps to no container of the instance. What stops last is what others wait for. */
export const planContainersRemoved = (instance: string, resolved: ResolvedInstance | undefined, seen: Observed) =>
  inStopOrder(resolved, containersOf({ name: instance }, seen)).flatMap(planRemoved);

/** Steps to no running container of the instance. */
export const planRunningStopped = (resolved: ResolvedInstance, seen: Observed): Step[] =>
  inStopOrder(resolved, containersOf(resolved, seen)).flatMap(planStopped);

const containersOf = ({ name }: Pick<ResolvedInstance, "name">, seen: Observed) =>
  seen.containers.filter(({ instance }) => instance === name);

const inPlaceOf = ({ spec, replica }: Replica, seen: Observed) =>
  seen.containers.filter(
    (seen) => seen.instance === spec.instance && seen.service === spec.service && seen.replica === replica,
  );

/** The reverse of the order in which they start, the highest replica first; orphans come before all. */
function inStopOrder(resolved: ResolvedInstance | undefined, containers: readonly ObservedContainer[]) {
  const order = resolved?.containers.map(({ service }) => service) ?? [];
  const rank = ({ service }: ObservedContainer) => (order.includes(service) ? order.indexOf(service) : order.length);
  return containers.toSorted((a, b) => rank(b) - rank(a) || b.replica - a.replica);
}

const isOrphan = (resolved: ResolvedInstance, { service, replica }: ObservedContainer) =>
  !replicasOf(resolved).some((wanted) => wanted.spec.service === service && wanted.replica === replica);

/** Containers whose service is no longer in the module, and replicas that are no longer asked for. */
const planOrphansRemoved = (resolved: ResolvedInstance, seen: Observed): Step[] =>
  inStopOrder(resolved, containersOf(resolved, seen))
    .filter((container) => isOrphan(resolved, container))
    .flatMap(planRemoved);

/**
 * Where two generations may overlap, the new one has to be healthy before it is asked and before the former one ends, so
 * that somebody answers all the time; else the former one ends first.
 */
function planReplicaRunning(wanted: Replica, present: readonly ObservedContainer[]): Step[] {
  const { spec, replica } = wanted;
  const { kind, current, former, debris } = verdictOf(spec, present);
  const overlaps = canOverlap(spec) && !wanted.completes && former.some(({ state }) => state === "running");
  const isAside = current === undefined ? overlaps && hasNames(spec) : current.settings === ASIDE;
  const made: Step[] =
    current === undefined
      ? [{ kind: "container.create", spec, replica, ...(isAside ? { aside: true } : {}) }]
      : kind === "update" && !isAside
        ? [{ kind: "container.update", spec, replica }]
        : [];
  const joined: Step[] = isAside ? [{ kind: "container.join", spec, replica }] : [];
  const up = [...made, ...planUp(wanted, current), ...joined];
  return [
    ...debris.flatMap(planRemoved),
    ...(overlaps ? [...up, ...former.flatMap(planDrained)] : [...former.flatMap(planRemoved), ...up]),
  ];
}

const hasNames = ({ networks }: Replica["spec"]) => Object.values(networks).some((aliases) => aliases.length > 0);

function planUp({ spec, replica, after, completes }: Replica, current: ObservedContainer | undefined): Step[] {
  const container = { instance: spec.instance, service: spec.service, replica, generation: generationOf(spec) };
  const start: Step = { kind: "container.start", ...container, after: [...after] };
  if (completes) {
    if (current?.state === "exited" && current.exitCode === 0) return [];
    const completed = { kind: "container.completed", ...container } as const;
    return current?.state === "running" ? [completed] : [start, completed];
  }
  const healthy = { kind: "container.healthy", ...container } as const;
  if (current?.state !== "running") return [start, healthy];
  return current.health === "starting" || current.health === "unhealthy" ? [healthy] : [];
}

const stoppable: ReadonlySet<ObservedContainer["state"]> = new Set(["running", "restarting", "paused"]);

const addressOf = ({ instance, service, replica, generation }: ObservedContainer) => ({
  instance,
  service,
  replica,
  generation,
});

const planStopped = (container: ObservedContainer): Step[] =>
  stoppable.has(container.state) ? [{ kind: "container.stop", ...addressOf(container) }] : [];

const planRemoved = (container: ObservedContainer): Step[] => [
  ...planStopped(container),
  { kind: "container.remove", ...addressOf(container) },
];

const planDrained = (container: ObservedContainer): Step[] => [
  ...(stoppable.has(container.state) ? [{ kind: "container.drain", ...addressOf(container) } as const] : []),
  { kind: "container.remove", ...addressOf(container) },
];
