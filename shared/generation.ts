import type { ContainerSpec, EngineSettings } from "./container-spec.ts";
import { hashOf } from "./hash.ts";

/** Hash of what stays as it is as long as a container exists: another generation of a service is another container. */
export const generationOf = (spec: ContainerSpec): string => hashOf(parts(spec).fixed);

/** Short hash of what Docker can change on a container that exists; it is kept in the container's name. */
export const settingsOf = (spec: ContainerSpec): string => hashOf(parts(spec).settings).slice(0, 8);

/**
 * Docker changes limits and restart policy, and connects and disconnects networks. It takes no limit away that was once
 * set (zero means "as it is"), publishes ports through the network that was first, and a container without any network
 * cannot get one: these are fixed.
 * Source: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerUpdate
 */
function parts(spec: ContainerSpec) {
  const { restart, memoryBytes, cpus, networks, ...others } = spec;
  const movable = spec.ports.length === 0 && Object.keys(networks).length > 0;
  return {
    fixed: {
      ...others,
      ...(movable ? {} : { networks }),
      limitsMemory: memoryBytes !== undefined,
      limitsCpus: cpus !== undefined,
    },
    settings: { restart, memoryBytes, cpus, ...(movable ? { networks } : {}) },
  };
}

/**
 * Stands for the settings of a container that was created beside a former generation: it has no name in any network, so that
 * nobody asks it before it is healthy. Equals no hash.
 */
export const ASIDE = "aside";

/**
 * Whether two generations may run side by side for a moment: no port of the host, no address of its own and no writable data is
 * in the way.
 */
export const canOverlap = (spec: ContainerSpec): boolean =>
  spec.ports.length === 0 &&
  Object.values(spec.engine?.addresses ?? {}).every(isShared) &&
  spec.mounts.every((mount) => mount.type === "tmpfs" || mount.readOnly);

type Addresses = NonNullable<EngineSettings["addresses"]>[string];

const isShared = ({ ipv4, ipv6, linkLocal, mac }: Addresses) =>
  [ipv4, ipv6, mac, ...(linkLocal ?? [])].every((address) => address === undefined);
