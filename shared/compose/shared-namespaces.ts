import type { ContainerSpec } from "../container-spec.ts";
import { generationOf } from "../generation.ts";

/** Services of the instance whose namespaces a container shares. */
export const namespaceOwners = ({ engine }: ContainerSpec): string[] =>
  [engine?.networkMode, engine?.pidMode, engine?.ipcMode].flatMap(
    (mode) => /^service:(.+)$/.exec(mode ?? "")?.[1] ?? [],
  );

/**
 * Containers, in the order in which they start, that know the generation of those whose namespaces they share: a namespace
 * ends with its container, so that another generation of the one is another of the other.
 */
export function withNamespaceOwners(containers: readonly ContainerSpec[]): ContainerSpec[] {
  const known = new Map<string, ContainerSpec>();
  for (const spec of containers) {
    const owners = [...new Set(namespaceOwners(spec))].flatMap((service) => {
      const owner = known.get(service);
      return owner === undefined ? [] : [[service, generationOf(owner)] as const];
    });
    const engine = { ...spec.engine, namespaces: Object.fromEntries(owners) };
    known.set(spec.service, owners.length === 0 ? spec : { ...spec, engine });
  }
  return [...known.values()];
}
