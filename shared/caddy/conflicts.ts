import { Problem } from "../problem.ts";
import { hostsOf } from "../route.ts";
import type { InstanceRoutes } from "./route.ts";

/** What the routes of an instance are held against. */
export interface Neighbours {
  /** Of the beacon, where its dashboard is served. */
  readonly domain: string;
  readonly instances: readonly InstanceRoutes[];
}

/**
 * A `conflict` for each place that an instance wants and that is served already: by another instance, by the beacon's
 * own dashboard, or by another route of the same instance. Two instances may share a host on different paths.
 */
export function routeConflicts(mine: InstanceRoutes, { domain, instances }: Neighbours): Problem[] {
  const others = instances.filter(({ instance }) => instance !== mine.instance).flatMap(placesOf);
  const own = placesOf(mine);
  return own.flatMap(({ host, path }, index) => {
    if (host === domain) return [conflict({ instance: mine.instance, host, path, holder: "the dashboard" })];
    const same = (other: Place) => other.host === host && other.path === path;
    const holder = others.find(same) ?? own.slice(0, index).find(same);
    return holder === undefined ? [] : [conflict({ instance: mine.instance, host, path, holder: holder.instance })];
  });
}

interface Place {
  readonly instance: string;
  readonly host: string;
  readonly path: string;
}

const placesOf = ({ instance, routes }: InstanceRoutes): Place[] =>
  routes.flatMap((route) => hostsOf(route).map((host) => ({ instance, host, path: route.path })));

const conflict = ({ holder, ...place }: Place & { holder: string }) =>
  new Problem("conflict", `${place.host}${place.path} is already served by ${holder}`, {
    hint:
      holder === place.instance || holder === "the dashboard"
        ? "Choose another host name or path for one of the routes."
        : `Remove ${holder} first, or choose a name that gives another address.`,
    details: { ...place, holder },
  });
