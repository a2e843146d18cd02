import { z } from "zod";
import { canonicalJson, hashOf } from "../hash.ts";
import type { Route } from "../route.ts";

/** The routes of one instance, in the order in which they are hashed. */
export interface InstanceRoutes {
  readonly instance: string;
  readonly routes: readonly Route[];
}

/**
 * One route as Caddy takes it. Its id says whose it is, which one, and the hash of all routes of that instance.
 * `flush_interval: -1` passes every byte on at once, as server-sent events need it. Responses are not compressed here:
 * `encode` holds back the headers of an event stream until its first event (https://github.com/caddyserver/caddy/issues/6293).
 */
export const caddyRoute = ({ instance, routes }: InstanceRoutes, index: number, route: Route) => ({
  "@id": `${instance}.${index}.${hashOf(routes)}`,
  match: [{ host: [route.host], ...(route.path === "/" ? {} : { path: [route.path, `${route.path}/*`] }) }],
  handle: [
    ...(route.maxBodyBytes === undefined ? [] : [{ handler: "request_body", max_size: route.maxBodyBytes } as const]),
    {
      handler: "reverse_proxy",
      flush_interval: -1,
      upstreams: [{ dial: `${route.alias}:${route.port}` }],
    } as const,
  ],
  terminal: true,
});

/** A route of ours as it comes back from Caddy. */
const LiveRoute = z.object({
  "@id": z.string().regex(/^[a-z0-9-]+\.\d+\.[0-9a-f]{64}$/),
  match: z.tuple([z.object({ host: z.tuple([z.string()]), path: z.array(z.string()).optional() })]),
  handle: z.array(
    z.object({
      max_size: z.number().optional(),
      upstreams: z.tuple([z.object({ dial: z.string() })]).optional(),
    }),
  ),
});

/** What of a configuration is looked at; anything may be missing in one that is not ours. */
const LiveConfig = z.object({
  apps: z.object({
    http: z.object({ servers: z.object({ https: z.object({ routes: z.array(z.unknown()) }) }) }),
  }),
});

/**
 * Hash of the routes by instance, as the configuration of a running Caddy serves them. An instance is in it only when
 * all its routes are there and are what `caddyRoute` makes of them today.
 */
export function liveRoutes(config: unknown): Record<string, string> {
  const { data } = LiveConfig.safeParse(config);
  const found = (data?.apps.http.servers.https.routes ?? []).flatMap(readRoute);
  const instances = Map.groupBy(found, ({ instance }) => instance);
  return Object.fromEntries(
    [...instances].flatMap(([instance, members]) => {
      members.sort((a, b) => a.index - b.index);
      const routes = members.map(({ route }) => route);
      const genuine = members.every(
        ({ index, route, text }) => text === canonicalJson(caddyRoute({ instance, routes }, index, route)),
      );
      return genuine ? [[instance, hashOf(routes)]] : [];
    }),
  );
}

function readRoute(live: unknown) {
  const { data } = LiveRoute.safeParse(live);
  const dial = data?.handle.find(({ upstreams }) => upstreams !== undefined)?.upstreams?.[0].dial;
  if (data === undefined || dial === undefined) return [];
  const [instance = "", index = ""] = data["@id"].split(".");
  const [match] = data.match;
  const maxBodyBytes = data.handle.find(({ max_size }) => max_size !== undefined)?.max_size;
  const end = dial.lastIndexOf(":");
  const route: Route = {
    host: match.host[0],
    path: match.path?.[0] ?? "/",
    alias: dial.slice(0, end),
    port: Number(dial.slice(end + 1)),
    ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
  };
  return [{ instance, index: Number(index), route, text: canonicalJson(live) }];
}
