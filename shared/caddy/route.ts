import { canonicalJson, hashOf } from "../hash.ts";
import { type HeaderChanges, hostsOf, type ProxyRoute, type RedirectRoute, type Route } from "../route.ts";
import { forwardAuthHandlers } from "./forward-auth.ts";

/** The routes of one instance, in the order in which they are hashed. */
export interface InstanceRoutes {
  readonly instance: string;
  readonly routes: readonly Route[];
}

/** What not every Caddy can do. */
export interface CaddyAbilities {
  /** Whether `reverse_proxy` knows `stream_close_delay`: since 2.7. */
  readonly streamCloseDelay: boolean;
}

/**
 * Passes every byte on at once. Caddy does so by itself for event streams. With -1, which would say the same, Caddy 2.6
 * cancels every request that waits for its answer when a configuration ends, and calls that 502 (`ignoreClientGoneContext` in
 * modules/caddyhttp/reverseproxy/reverseproxy.go, tied to the context of the configuration up to 2.6.4); 2.7 and 2.8 go on
 * for clients that have gone; from 2.9 on there is no difference.
 */
export const FLUSH_INTERVAL = "1ms";

/**
 * How long a request waits for an app that takes no connection, as while it is started again. One that was already passed on is
 * asked once more only when it is a GET that has no answer yet (`tryAgain` in modules/caddyhttp/reverseproxy/reverseproxy.go).
 */
export const TRY_AGAIN = { try_duration: "3s", try_interval: "100ms" };

/**
 * Gives a connection up before TCP asks a second time (after a second: https://www.rfc-editor.org/rfc/rfc6298#section-2): its
 * address may by then be that of another container, which Docker gave it after the one that was meant had ended.
 */
export const TRANSPORT = { protocol: "http", dial_timeout: "900ms" };

/** How long a WebSocket outlives the configuration in which it began. */
const STREAM_CLOSE_DELAY = "24h";

/**
 * One route as Caddy takes it. Its id says whose it is, which one, and the hash of all routes of that instance.
 * Responses are not compressed here:
 * `encode` holds back the headers of an event stream until its first event (https://github.com/caddyserver/caddy/issues/6293).
 */
export const caddyRoute = (
  { instance, routes }: InstanceRoutes,
  index: number,
  route: Route,
  abilities: CaddyAbilities,
) => ({
  "@id": `${instance}.${index}.${hashOf(routes)}`,
  match: [{ host: hostsOf(route), ...(route.path === "/" ? {} : { path: [route.path, `${route.path}/*`] }) }],
  handle: "redirect" in route ? redirectHandlers(route) : proxyHandlers(route, abilities),
  terminal: true,
});

/** For handlers of `reverse_proxy`: by default Caddy closes every stream with the configuration in which it began. */
export const streamsStay = ({ streamCloseDelay }: CaddyAbilities) =>
  streamCloseDelay ? { stream_close_delay: STREAM_CLOSE_DELAY } : {};

const proxyHandlers = (route: ProxyRoute, abilities: CaddyAbilities) => [
  ...(route.maxBodyBytes === undefined ? [] : [{ handler: "request_body", max_size: route.maxBodyBytes }]),
  ...(route.forwardAuth === undefined ? [] : forwardAuthHandlers(route.forwardAuth)),
  {
    handler: "reverse_proxy",
    flush_interval: FLUSH_INTERVAL,
    load_balancing: TRY_AGAIN,
    ...(route.headers === undefined ? {} : { headers: headerChanges(route.headers) }),
    ...streamsStay(abilities),
    transport: TRANSPORT,
    upstreams: [{ dial: `${route.alias}:${route.port}` }],
  },
];

/** In `reverse_proxy` itself, so that what the app says comes first and Caddy's own headers can be changed as well. */
const headerChanges = ({ request, response }: NonNullable<ProxyRoute["headers"]>) => ({
  ...(request === undefined ? {} : { request: changes(request) }),
  ...(response === undefined ? {} : { response: changes(response) }),
});

const changes = ({ set, remove }: HeaderChanges) => ({
  ...(set === undefined
    ? {}
    : { set: Object.fromEntries(Object.entries(set).map(([name, value]) => [name, [literally(value)]])) }),
  ...(remove === undefined ? {} : { delete: remove }),
});

/** Caddy fills in what stands in braces. */
const literally = (text: string) => text.replaceAll(/[{}]/g, "\\$&");

function redirectHandlers({ path, redirect: { to, permanent, keepPath } }: RedirectRoute) {
  const target = keepPath ? `${to.replace(/\/+$/, "")}{http.request.uri}` : to;
  return [
    ...(keepPath && path !== "/" ? [{ handler: "rewrite", strip_path_prefix: path }] : []),
    { handler: "static_response", status_code: permanent ? 308 : 307, headers: { Location: [target] } },
  ];
}

/** The routes of an instance just as a running Caddy has to hold them, in whatever order. */
export const isServed = (wanted: InstanceRoutes, live: readonly unknown[]): boolean => {
  const texts = live.map(canonicalJson).sort();
  return [true, false].some((streamCloseDelay) => {
    const expected = wanted.routes.map((route, index) => caddyRoute(wanted, index, route, { streamCloseDelay }));
    return canonicalJson(expected.map(canonicalJson).sort()) === canonicalJson(texts);
  });
};
