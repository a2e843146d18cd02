import type { ContainerSpec } from "../container-spec.ts";
import { hashOf } from "../hash.ts";
import type { ResolvedInstance } from "../instance.ts";
import type { Observed, ObservedContainer } from "../observed.ts";
import type { Step } from "../steps.ts";

/** Steps from what is seen to each container of the instance made as specified, running and healthy. */
export const planContainersRunning = (resolved: ResolvedInstance, seen: Observed): Step[] => [
  ...planOrphansRemoved(resolved, seen),
  ...resolved.containers.flatMap((spec) => planContainerRunning(spec, containerOf(seen, spec))),
];

/** Steps from what is seen to each container of the instance made as specified, and none running. */
export const planContainersStopped = (resolved: ResolvedInstance, seen: Observed): Step[] => {
  const isStale = ({ service, spec }: ObservedContainer) =>
    resolved.containers.some((wanted) => wanted.service === service && hashOf(wanted) !== spec);
  const present = containersOf(resolved, seen);
  return [
    ...planOrphansRemoved(resolved, seen),
    ...inStopOrder(resolved, present).flatMap((container) =>
      isStale(container) ? planContainerRemoved(container) : planContainerStopped(container),
    ),
    ...resolved.containers
      .filter(({ service }) => !present.some((container) => container.service === service && !isStale(container)))
      .map((spec) => ({ kind: "container.create", spec }) as const),
  ];
};

/** Steps to no container of the instance. What stops last is what others wait for. */
export const planContainersRemoved = (instance: string, resolved: ResolvedInstance | undefined, seen: Observed) =>
  inStopOrder(resolved, containersOf({ name: instance }, seen)).flatMap(planContainerRemoved);

/** Steps to no running container of the instance. */
export const planRunningStopped = (resolved: ResolvedInstance, seen: Observed): Step[] =>
  inStopOrder(resolved, containersOf(resolved, seen)).flatMap(planContainerStopped);

const containersOf = ({ name }: Pick<ResolvedInstance, "name">, seen: Observed) =>
  seen.containers.filter(({ instance }) => instance === name);

const containerOf = (seen: Observed, spec: Pick<ContainerSpec, "instance" | "service">) =>
  seen.containers.find(({ instance, service }) => instance === spec.instance && service === spec.service);

/** The reverse of the order in which they start; those that are not in it come first. */
function inStopOrder(resolved: ResolvedInstance | undefined, containers: readonly ObservedContainer[]) {
  const order = resolved?.containers.map(({ service }) => service) ?? [];
  const rank = ({ service }: ObservedContainer) => (order.includes(service) ? order.indexOf(service) : order.length);
  return containers.toSorted((a, b) => rank(b) - rank(a));
}

/** Containers whose service is no longer in the module. */
const planOrphansRemoved = (resolved: ResolvedInstance, seen: Observed): Step[] =>
  inStopOrder(resolved, containersOf(resolved, seen))
    .filter(({ service }) => !resolved.containers.some((spec) => spec.service === service))
    .flatMap(planContainerRemoved);

function planContainerRunning(spec: ContainerSpec, seen: ObservedContainer | undefined): Step[] {
  const { instance, service } = spec;
  const healthy = { kind: "container.healthy", instance, service } as const;
  const start: Step[] = [{ kind: "container.start", instance, service }, healthy];
  if (seen === undefined) return [{ kind: "container.create", spec }, ...start];
  // A dead container cannot be started again (https://docs.docker.com/reference/cli/docker/container/ls/#status).
  if (seen.spec !== hashOf(spec) || seen.state === "dead") {
    return [...planContainerRemoved(seen), { kind: "container.create", spec }, ...start];
  }
  if (seen.state !== "running") return start;
  return seen.health === "starting" || seen.health === "unhealthy" ? [healthy] : [];
}

const stoppable: ReadonlySet<ObservedContainer["state"]> = new Set(["running", "restarting", "paused"]);

const planContainerStopped = ({ instance, service, state }: ObservedContainer): Step[] =>
  stoppable.has(state) ? [{ kind: "container.stop", instance, service }] : [];

const planContainerRemoved = (container: ObservedContainer): Step[] => [
  ...planContainerStopped(container),
  { kind: "container.remove", instance: container.instance, service: container.service },
];
