import { z } from "zod";
import { HostName } from "../names.ts";
import { parseOr } from "../problem.ts";
import { hostsOf, type ProxyRoute, type RedirectRoute, type Route } from "../route.ts";
import type { Manifest } from "./manifest.ts";
import { routeAlias, type SignOn } from "./sign-on.ts";

interface Place {
  /** Of the instance. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Of the beacon. */
  readonly domain: string;
  readonly signOn: SignOn | undefined;
}

/**
 * Where an instance is served, and from where people are sent on.
 * @throws {Problem} `invalid_input` for a parameter that should list host names and does not.
 */
export function resolveRoutes(manifest: Manifest, { name, parameters, domain, signOn }: Place): Route[] {
  const hostOf = ({ subdomain = name }: { subdomain?: string | undefined }) => `${subdomain}.${domain}`;
  const served = manifest.routes.map((route): ProxyRoute => {
    const { service, path, port, maxBodyMb, headers, hostsParameter } = route;
    const otherHosts = hostsParameter === undefined ? [] : listedHosts(hostsParameter, parameters[hostsParameter]);
    return {
      host: hostOf(route),
      ...(otherHosts.length === 0 ? {} : { otherHosts }),
      path,
      alias: routeAlias(name, service),
      port,
      ...(maxBodyMb === undefined ? {} : { maxBodyBytes: maxBodyMb * 1024 * 1024 }),
      ...(headers === undefined ? {} : { headers }),
      ...(signOn === undefined || route.public ? {} : { forwardAuth: signOn.forwardAuth }),
    };
  });
  const sentOn = (manifest.redirects ?? []).map(
    ({ subdomain, path, ...redirect }): RedirectRoute => ({ host: hostOf({ subdomain }), path, redirect }),
  );
  return [...served, ...ownPathRoutes(served, signOn), ...sentOn];
}

/** What the provider of the sign-on serves itself, once for each host that it guards. */
function ownPathRoutes(served: readonly ProxyRoute[], signOn: SignOn | undefined): ProxyRoute[] {
  if (signOn?.ownPath === undefined) return [];
  const { ownPath: path, forwardAuth } = signOn;
  const guarded = served.filter((route) => route.forwardAuth !== undefined).flatMap(hostsOf);
  return [...new Set(guarded)].map((host) => ({ host, path, alias: forwardAuth.alias, port: forwardAuth.port }));
}

/** In one order, so that the order in which they are given changes nothing. */
function listedHosts(parameter: string, value: unknown): string[] {
  const names = String(value ?? "")
    .split(/[\s,]+/)
    .filter((name) => name !== "");
  return [...new Set(parseOr(z.array(HostName), names, `the parameter ${parameter}`))].sort();
}
