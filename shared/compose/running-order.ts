import type { ResolvedInstance } from "../instance.ts";
import type { ComposeProject } from "./project.ts";
import type { ComposeService } from "./service.ts";

/** How many containers of a service there are to be. */
export const replicasOfService = ({ scale, deploy }: ComposeService): number => scale ?? deploy?.replicas ?? 1;

/** Services whose end somebody waits for. */
export const completingServices = ({ services }: ComposeProject): string[] => {
  const waits = Object.values(services).flatMap(({ depends_on = {} }) => Object.entries(depends_on));
  return [
    ...new Set(
      waits.flatMap(([service, { condition }]) => (condition === "service_completed_successfully" ? [service] : [])),
    ),
  ];
};

/** What services wait for, how many containers each has, and which of them come to an end. */
export function runningOrder(project: ComposeProject): Pick<ResolvedInstance, "after" | "replicas" | "completes"> {
  const services = Object.entries(project.services);
  const replicas = services.flatMap(([name, service]) => {
    const count = replicasOfService(service);
    return count === 1 ? [] : [[name, count] as const];
  });
  const completes = completingServices(project);
  return {
    after: Object.fromEntries(
      services.map(([name, { depends_on }]) => [
        name,
        Object.keys(depends_on ?? {}).filter((other) => Object.hasOwn(project.services, other)),
      ]),
    ),
    ...(replicas.length === 0 ? {} : { replicas: Object.fromEntries(replicas) }),
    ...(completes.length === 0 ? {} : { completes }),
  };
}
