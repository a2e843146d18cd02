import { z } from "zod";
import { HostName } from "../names.ts";
import { parseOr } from "../problem.ts";
import type { ProxyRoute, RedirectRoute, Route } from "../route.ts";
import type { Manifest } from "./manifest.ts";

/** Network alias under which Caddy finds a service: it outlives every container behind it. */
export const routeAlias = (instance: string, service: string) => `${service}.${instance}`;

interface Place {
  /** Of the instance. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Of the beacon. */
  readonly domain: string;
}

/**
 * Where an instance is served, and from where people are sent on.
 * @throws {Problem} `invalid_input` for a parameter that should list host names and does not.
 */
export function resolveRoutes(manifest: Manifest, { name, parameters, domain }: Place): Route[] {
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
    };
  });
  const sentOn = (manifest.redirects ?? []).map(
    ({ subdomain, path, ...redirect }): RedirectRoute => ({ host: hostOf({ subdomain }), path, redirect }),
  );
  return [...served, ...sentOn];
}

/** In one order, so that the order in which they are given changes nothing. */
function listedHosts(parameter: string, value: unknown): string[] {
  const names = String(value ?? "")
    .split(/[\s,]+/)
    .filter((name) => name !== "");
  return [...new Set(parseOr(z.array(HostName), names, `the parameter ${parameter}`))].sort();
}
