import type { BeaconFacts } from "../observed.ts";
import { hostsOf, type Route } from "../route.ts";
import { agentAwayPage, appAwayPage, errorPage, tooLargePage, unknownHostPage } from "./pages.ts";
import {
  type CaddyAbilities,
  caddyRoute,
  FLUSH_INTERVAL,
  type InstanceRoutes,
  streamsStay,
  TRY_AGAIN,
} from "./route.ts";

export type { CaddyAbilities, InstanceRoutes };

export interface CaddyFacts {
  readonly beacon: BeaconFacts;
  readonly instances: readonly InstanceRoutes[];
  /** Hosts that are served, and for which no certificate is asked; none when absent. */
  readonly withoutCertificate?: readonly string[];
  /** What the Caddy that it is for can do; that of 2.6 when absent. */
  readonly abilities?: CaddyAbilities;
}

const leastAbilities: CaddyAbilities = { streamCloseDelay: false };

/** Where Caddy's container sees `beacon.caddyDirectory`, and what is in it. */
export const caddySockets = { admin: "/run/wopr/admin.sock", web: "/run/wopr/web.sock" } as const;

/** Name, in the same folder, of the roots that the certificate of `beacon.acme` is checked against. */
export const acmeRootsFile = "acme-roots.pem";

/** Name, in the same folder, of the log of getting certificates. */
export const certificateLogFile = "certificates.log";

/**
 * Name, in the same folder, of a file whose presence tells a Caddy before 2.7 to end each connection with its answer. It
 * resets what is open and idle when a configuration ends; where clients have left before, there is nothing to reset.
 */
export const leavingFile = "leaving";

/** Whether clients have to leave before a change. Later versions lose new connections instead: docs/performance.md. */
export const needsLeaving = ({ streamCloseDelay }: CaddyAbilities) => !streamCloseDelay;

export type CaddyConfig = ReturnType<typeof caddyConfig>;

/**
 * The whole configuration of a beacon's Caddy, in its JSON form (https://caddyserver.com/docs/json/). Equal routes give
 * equal bytes, whatever order they come in. Written for Caddy 2.6 and later.
 */
export const caddyConfig = ({
  beacon,
  instances,
  withoutCertificate = [],
  abilities = leastAbilities,
}: CaddyFacts) => ({
  admin: {
    listen: `unix/${caddySockets.admin}`,
    // Up to 2.8 Caddy compares the Host header on Unix sockets too, and 2.6 then knows the empty one alone.
    origins: ["", "127.0.0.1", "localhost"],
    // The agent keeps the configuration itself, in the file that Caddy starts with.
    config: { persist: false },
  },
  logging: {
    logs: {
      // Besides the default log, which has all of it.
      certificates: {
        writer: { output: "file" as const, filename: `/run/wopr/${certificateLogFile}`, roll_size_mb: 1, roll_keep: 1 },
        encoder: { format: "json" as const },
        include: ["tls.obtain", "tls.renew"],
      },
    },
  },
  apps: {
    http: {
      servers: {
        http: { listen: [":80"], protocols: ["h1"], routes: [redirect(beacon, instances), notFound] },
        https: {
          listen: [":443"],
          // HTTP/3 needs UDP, which is not published.
          protocols: ["h1", "h2"],
          // Caddy's own redirects would lead to the port inside the container.
          automatic_https: {
            disable_redirects: true,
            ...(withoutCertificate.length === 0 ? {} : { skip_certificates: withoutCertificate.toSorted() }),
          },
          routes: [
            ...(needsLeaving(abilities) ? [leaving] : []),
            dashboard(beacon, abilities),
            ...appRoutes(instances, abilities),
            notFound,
          ],
          errors: { routes: errorRoutes(beacon) },
        },
      },
    },
    pki: { certificate_authorities: { local: { install_trust: false } } },
    ...issuers(beacon),
  },
});

/** Only hosts that a route names get a certificate: nobody can have one asked for by calling a name. */
function issuers({ certificates, acme }: BeaconFacts) {
  if (certificates === "acme" && acme === undefined) return {};
  const issuer =
    certificates === "internal" || acme === undefined
      ? { module: "internal" }
      : {
          module: "acme",
          ca: acme.directory,
          ...(acme.email === undefined ? {} : { email: acme.email }),
          ...(acme.caFile === undefined ? {} : { trusted_roots_pem_files: [`/run/wopr/${acmeRootsFile}`] }),
        };
  return { tls: { automation: { policies: [{ issuers: [issuer] }] } } };
}

const html = { "Content-Type": ["text/html; charset=utf-8"], "Cache-Control": ["no-store"] };

const respond = (status: string | number, body: string, headers: Record<string, string[]> = {}) => ({
  handler: "static_response" as const,
  status_code: status,
  headers: { ...html, ...headers },
  body,
});

/** Over HTTP/2 this sends GOAWAY, and what has been asked is still answered. An upgraded connection is no longer HTTP. */
const leaving = {
  match: [{ file: { root: "/run/wopr", try_files: [`/${leavingFile}`] }, not: [{ header: { Upgrade: ["*"] } }] }],
  handle: [{ handler: "headers" as const, response: { set: { Connection: ["close"] } } }],
};

const notFound = { handle: [respond(404, unknownHostPage)] };

/**
 * From http to https at the published port, for hosts that are served. ACME's challenges come through: Caddy answers
 * them before any route (`HandleHTTPChallenge` in modules/caddyhttp/server.go).
 */
function redirect(beacon: BeaconFacts, instances: readonly InstanceRoutes[]) {
  const hosts = instances.flatMap(({ routes }) => routes.flatMap(hostsOf));
  const port = beacon.httpsPort === 443 ? "" : `:${beacon.httpsPort}`;
  return {
    match: [{ host: [...new Set([beacon.domain, ...hosts])].sort() }],
    handle: [
      {
        handler: "static_response" as const,
        status_code: 308,
        headers: { Location: [`https://{http.request.host}${port}{http.request.uri}`] },
      },
    ],
    terminal: true,
  };
}

const dashboard = ({ domain }: BeaconFacts, abilities: CaddyAbilities) => ({
  match: [{ host: [domain] }],
  handle: [
    {
      handler: "reverse_proxy" as const,
      flush_interval: FLUSH_INTERVAL,
      load_balancing: TRY_AGAIN,
      ...streamsStay(abilities),
      upstreams: [{ dial: `unix/${caddySockets.web}` }],
    },
  ],
  terminal: true,
});

/** Sorted by host, and longer paths before those that they begin with. */
const appRoutes = (instances: readonly InstanceRoutes[], abilities: CaddyAbilities) =>
  instances
    .flatMap((served) =>
      served.routes.map((route, index) => ({ route, config: caddyRoute(served, index, route, abilities) })),
    )
    .sort((a, b) => compare(sortKey(a.route), sortKey(b.route)) || compare(a.config["@id"], b.config["@id"]))
    .map(({ config }) => config);

/** `~` is greater than every character of a path, so that what goes on comes first. */
const sortKey = ({ host, path }: Route) => `${host} ${path === "/" ? "" : path}~`;

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Answers when what is behind a route does not: 502 to 504 come from `reverse_proxy`, the rest from Caddy itself. */
function errorRoutes({ domain }: BeaconFacts) {
  const status = "{http.error.status_code}";
  const tooLarge = [
    { vars: { [status]: ["413"] } },
    // Caddy 2.6 takes a body that it cut off itself for a failure of the app, and calls it 502.
    { vars_regexp: { "{http.error.message}": { pattern: "request body too large" } } },
  ];
  const away = { vars: { [status]: ["502", "503", "504"] } };
  const retry = { "Retry-After": ["5"] };
  return [
    { match: tooLarge, handle: [respond(413, tooLargePage)], terminal: true },
    { match: [{ host: [domain], ...away }], handle: [respond(status, agentAwayPage, retry)], terminal: true },
    { match: [away], handle: [respond(status, appAwayPage, retry)], terminal: true },
    { handle: [respond(status, errorPage)] },
  ];
}
