/** The endpoints of a container, as both a listing and an inspection have them. */
type Networks = Readonly<Record<string, { readonly EndpointID?: string | undefined }>>;

/**
 * Names one run of a container, from a start to its end: the engine makes an endpoint with a random id for each network at
 * every start, `none` and `host` among them, and a listing shows it, which shows neither the time of the start nor a process.
 * Undefined where nothing tells one run from another: the container does not run, or shares the network of another one.
 * Source: https://github.com/moby/moby/blob/v20.10.24/daemon/container_operations.go (`connectToNetwork`, `releaseNetwork`)
 */
export function runOf(id: string, networks: Networks | undefined): string | undefined {
  const endpoints = Object.values(networks ?? {}).flatMap(({ EndpointID = "" }) =>
    EndpointID === "" ? [] : EndpointID,
  );
  return endpoints.length === 0 ? undefined : [id, ...endpoints.sort()].join(" ");
}
