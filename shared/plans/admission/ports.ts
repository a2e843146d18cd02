import { containerName } from "../../container-spec.ts";
import type { ResolvedInstance } from "../../instance.ts";
import type { Observed } from "../../observed.ts";
import { replicasOf } from "../replicas.ts";
import type { Objection } from "./objection.ts";

/** Ports of the host that another instance or another program has. */
export const takenPorts = (resolved: ResolvedInstance, seen: Observed): Objection[] =>
  resolved.containers.flatMap((container) =>
    container.ports.flatMap(({ host, hostLast, protocol }) => {
      if (hostLast !== undefined) return [];
      const holder = seen.ports.find((taken) => taken.port === host && taken.protocol === protocol);
      if (holder === undefined || holder.instance === resolved.name) return [];
      const who = holder.instance === undefined ? "another program on this machine" : `instance ${holder.instance}`;
      return [
        {
          code: "port_taken",
          where: containerName(container),
          message: `port ${host}/${protocol}, which ${resolved.name} needs, is taken by ${who}`,
          hint: "Free the port or choose another one, then try again.",
        } as const,
      ];
    }),
  );

/** Of several ports of the host each container of a service takes one that nobody else has. */
export function portsTooFew(resolved: ResolvedInstance, seen: Observed): Objection[] {
  const others = seen.ports.filter(({ instance }) => instance !== resolved.name);
  return resolved.containers.flatMap((container) =>
    container.ports.flatMap(({ host, hostLast = host, protocol }) => {
      const taken = others.filter(
        (known) => known.protocol === protocol && known.port >= host && known.port <= hostLast,
      );
      const free = hostLast - host + 1 - taken.length;
      const needed = resolved.replicas?.[container.service] ?? 1;
      if (hostLast === host || free >= needed) return [];
      const name = containerName(container);
      return [
        {
          code: "port_taken",
          where: name,
          message: `${name} needs ${needed} of the ports ${host}-${hostLast}/${protocol}, and ${free} are free`,
          hint: "Free some of them, or name more.",
        } as const,
      ];
    }),
  );
}

/** A port of the host leads to one container alone. */
export function portsTwice(resolved: ResolvedInstance): Objection[] {
  const holders = new Map<string, string[]>();
  for (const { spec, replica } of replicasOf(resolved)) {
    for (const { host, hostLast, address, protocol } of spec.ports) {
      if (host === 0 || hostLast !== undefined) continue;
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
            where: containers.join(", "),
            message: `port ${port} is asked for by ${containers.join(" and ")}`,
            hint: "Only one container can have a port of the host: run one replica, or publish none and use a route.",
          },
        ],
  );
}
