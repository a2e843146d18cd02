import { z } from "zod";
import { HostName } from "./names.ts";

/** Beginning of a path on whole segments, `/` for everything: `/api` covers `/api` and `/api/users`, not `/apis`. */
export const RoutePath = z
  .string()
  .max(200)
  .regex(
    /^\/([A-Za-z0-9._~-]+(\/[A-Za-z0-9._~-]+)*)?$/,
    "expected a path such as / or /api, without a slash at its end",
  );

/** Source: https://www.rfc-editor.org/rfc/rfc9110#name-field-names */
const HeaderName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, "expected the name of an HTTP header");
const HeaderValue = z.string().regex(/^[\t\x20-\x7e]{0,4000}$/, "expected the value of an HTTP header on one line");

/** Headers that are set, whatever they were before, and headers that are taken away. */
export const HeaderChanges = z.strictObject({
  set: z.record(HeaderName, HeaderValue).exactOptional(),
  remove: z.array(HeaderName).exactOptional(),
});
export type HeaderChanges = z.output<typeof HeaderChanges>;

export const RouteHeaders = z.strictObject({
  /** On the way to the container. */
  request: HeaderChanges.exactOptional(),
  /** On the way back. */
  response: HeaderChanges.exactOptional(),
});

export const Redirect = z.strictObject({
  /** Where to: an address, or a path of the same host. */
  to: z
    .string()
    .max(2000)
    .regex(
      /^(https?:\/\/[^\s{}/?#]+)?(\/[^\s{}]*)?$/,
      "expected an address such as https://example.org or a path such as /new",
    )
    .min(1),
  /** Whether browsers may remember it for good (308), or ask again each time (307). */
  permanent: z.boolean(),
  /** Whether what follows the path of the route, and the query, are asked for at `to` as well. */
  keepPath: z.boolean(),
});

const port = z.number().int().min(1).max(65535);

/**
 * Asks a server for its leave before each request. Where it answers 2xx, the request goes on with `copyHeaders` of that
 * answer, and without what the client sent under those names; any other answer goes to the client as it is.
 */
export const ForwardAuth = z.strictObject({
  /** Network alias on the edge network. */
  alias: z.string(),
  port,
  /** What is asked for there, with a query if need be. */
  uri: z.string().regex(/^\/[^\s{}#]*$/, "expected a path such as /auth"),
  copyHeaders: z.array(HeaderName),
});

const place = {
  host: HostName,
  /** More names of the same; they need not belong to the beacon's domain. */
  otherHosts: z.array(HostName).exactOptional(),
  path: RoutePath,
};

/** From outside to a container: Caddy serves the hosts and the path, and passes them to `alias:port` on the edge network. */
export const ProxyRoute = z.object({
  ...place,
  /** Network alias of the container. It stays when the container is replaced, so that Caddy's config does too. */
  alias: z.string(),
  port,
  /** Largest request body in bytes, without a limit when absent. */
  maxBodyBytes: z.number().int().positive().optional(),
  headers: RouteHeaders.exactOptional(),
  forwardAuth: ForwardAuth.exactOptional(),
});

/** From outside to another address. */
export const RedirectRoute = z.object({ ...place, redirect: Redirect });

export const Route = z.union([ProxyRoute, RedirectRoute]);
export type ProxyRoute = z.output<typeof ProxyRoute>;
export type RedirectRoute = z.output<typeof RedirectRoute>;
export type Route = z.output<typeof Route>;

/** Every name under which a route is served. */
export const hostsOf = ({ host, otherHosts = [] }: Pick<Route, "host" | "otherHosts">): string[] => [
  ...new Set([host, ...otherHosts]),
];
