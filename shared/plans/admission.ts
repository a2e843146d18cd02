import { routeConflicts } from "../caddy/conflicts.ts";
import { containerName } from "../container-spec.ts";
import type { ResolvedInstance } from "../instance.ts";
import type { Observed } from "../observed.ts";
import { Problem, type ProblemCode } from "../problem.ts";
import type { Step } from "../steps.ts";
import { replicasOf } from "./replicas.ts";

interface Objection {
  readonly code: ProblemCode;
  readonly message: string;
  readonly hint: string;
}

/**
 * Checks an instance against the beacon before anything is touched, and gives back the plan. What is already as it is
 * wanted needs nobody's leave.
 * @throws {Problem} The first objection's code; `details.objections` lists all of them.
 */
export function admitted(resolved: ResolvedInstance, seen: Observed, plan: readonly Step[]): readonly Step[] {
  if (plan.length === 0) return plan;
  const objections = [
    ...foreignModule(resolved, seen),
    ...missingDependencies(resolved, seen),
    ...takenPorts(resolved, seen),
    ...portsTwice(resolved),
    ...takenHosts(resolved, seen),
    ...lackOfMemory(resolved, seen),
    ...lackOfDisk(resolved, seen),
  ];
  const [first, ...others] = objections;
  if (first === undefined) return plan;
  throw new Problem(first.code, first.message, {
    hint: first.hint,
    ...(others.length === 0 ? {} : { details: { objections } }),
  });
}

function missingDependencies(resolved: ResolvedInstance, seen: Observed): Objection[] {
  return resolved.requires.flatMap((required) => {
    const found = seen.instances.find((known) => known.resolved.name === required);
    if (found?.desired === "running") return [];
    return [
      {
        code: "dependency_missing",
        message: `${resolved.name} needs ${required}, which is ${found === undefined ? "not installed" : "stopped"}`,
        hint: `${found === undefined ? "Install" : "Start"} ${required} first.`,
      } as const,
    ];
  });
}

function takenPorts(resolved: ResolvedInstance, seen: Observed): Objection[] {
  return resolved.containers
    .flatMap((container) => container.ports)
    .flatMap(({ host, protocol }) => {
      const holder = seen.ports.find((taken) => taken.port === host && taken.protocol === protocol);
      if (holder === undefined || holder.instance === resolved.name) return [];
      const who = holder.instance === undefined ? "another program on this machine" : `instance ${holder.instance}`;
      return [
        {
          code: "port_taken",
          message: `port ${host}/${protocol}, which ${resolved.name} needs, is taken by ${who}`,
          hint: "Free the port or choose another one, then try again.",
        } as const,
      ];
    });
}

/** A port of the host leads to one container alone. */
function portsTwice(resolved: ResolvedInstance): Objection[] {
  const holders = new Map<string, string[]>();
  for (const { spec, replica } of replicasOf(resolved)) {
    for (const { host, address, protocol } of spec.ports) {
      if (host === 0) continue;
      const port = `${address}:${host}/${protocol}`;
      holders.set(port, [...(holders.get(port) ?? []), containerName({ ...spec, replica })]);
    }
  }
  return [...holders].flatMap(([port, containers]) =>
    containers.length < 2
      ? []
      : [
          {
            code: "port_taken",
            message: `port ${port} is asked for by ${containers.join(" and ")}`,
            hint: "Only one container can have a port of the host: run one replica, or publish none and use a route.",
          } as const,
        ],
  );
}

function takenHosts({ name, routes }: ResolvedInstance, seen: Observed): Objection[] {
  const instances = seen.instances.map(({ resolved }) => ({ instance: resolved.name, routes: resolved.routes }));
  const conflicts = routeConflicts({ instance: name, routes }, { domain: seen.beacon.domain, instances });
  return conflicts.map(({ code, message, hint = "" }) => ({ code, message, hint }));
}

function foreignModule(resolved: ResolvedInstance, seen: Observed): Objection[] {
  const known = seen.instances.find((instance) => instance.resolved.name === resolved.name);
  if (known === undefined || known.resolved.module === resolved.module) return [];
  return [
    {
      code: "conflict",
      message: `${resolved.name} is already the name of an instance of ${known.resolved.module}`,
      hint: "Choose another name for the instance.",
    },
  ];
}

function lackOfMemory(resolved: ResolvedInstance, seen: Observed): Objection[] {
  const others = seen.instances.filter((known) => known.resolved.name !== resolved.name && known.desired === "running");
  const promised = others.reduce((sum, known) => sum + known.resolved.memoryBytes, 0);
  const left = seen.memory.totalBytes - promised;
  if (resolved.memoryBytes <= left) return [];
  return [
    {
      code: "out_of_memory",
      message: `${resolved.name} needs ${mb(resolved.memoryBytes)} of memory, and ${mb(Math.max(0, left))} of ${mb(seen.memory.totalBytes)} are not promised to others`,
      hint: "Stop or remove an app, or move to a larger server.",
    },
  ];
}

/** What is installed already has its data; only what comes is asked for. */
function lackOfDisk(resolved: ResolvedInstance, seen: Observed): Objection[] {
  const installed = seen.instances.some((known) => known.resolved.name === resolved.name);
  if (installed || resolved.diskBytes <= seen.disk.freeBytes) return [];
  return [
    {
      code: "disk_full",
      message: `${resolved.name} needs ${mb(resolved.diskBytes)} of disk, and ${mb(seen.disk.freeBytes)} are free`,
      hint: "Delete what is no longer needed, or move to a larger server.",
    },
  ];
}

const mb = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
