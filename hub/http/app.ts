import type { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import type { Logger } from "pino";
import { Problem } from "#shared/problem.ts";
import { EXPOSITION_TYPE } from "#shared/prometheus/exposition.ts";
import { PROTOCOL } from "#shared/protocol/version.ts";
import { AUTH_PATH } from "../auth/auth.ts";
import { jwksOf } from "../auth/visit-token.ts";
import { createAuthHandler } from "./auth-handler.ts";
import { createRoutes } from "./contract.ts";
import type { HubEnv } from "./env.ts";
import { createPages } from "./pages.ts";
import type { HttpParts } from "./parts.ts";
import { createErrorHandler, notFound } from "./problem-response.ts";
import { createReleaseFiles } from "./releases.ts";
import { createAgentRoutes } from "./routes/agent.ts";
import { createAlertRoutes } from "./routes/alerts.ts";
import { createBeaconRoutes } from "./routes/beacon.ts";
import { createBillingRoutes } from "./routes/billing.ts";
import { createChannelRoutes } from "./routes/channels.ts";
import { createCommandRoutes } from "./routes/commands.ts";
import { createExecRoutes } from "./routes/exec.ts";
import { createFleetRoutes } from "./routes/fleet.ts";
import { createHubRoutes } from "./routes/hub.ts";
import { createLifecycleRoutes } from "./routes/lifecycle.ts";
import { createMeRoutes } from "./routes/me.ts";
import { createMeasurementRoutes } from "./routes/measurements.ts";
import { createModuleRoutes } from "./routes/modules.ts";
import { createOrderRoutes } from "./routes/orders.ts";
import { createPeopleRoutes } from "./routes/people.ts";
import { createProviderRoutes } from "./routes/providers.ts";
import { createReconcileRoutes } from "./routes/reconcile.ts";
import { createSetupRoutes } from "./routes/setup.ts";
import { createShopRoutes } from "./routes/shop.ts";
import { createTrustRoutes } from "./routes/trust.ts";
import { sameOrigin } from "./same-origin.ts";
import { createSite, type SiteParts } from "./site/site.ts";

const MAX_BODY_BYTES = 256 * 1024;

export interface AppSettings {
  /** Origin of the hub. */
  readonly origin: string;
  /** Domain under which beacons live: pages may post forms there, for visits. */
  readonly zone: string;
  readonly trustedProxies: readonly string[];
  readonly pagesDirectory: string;
  /** The public site, where the hub has one. */
  readonly site?: Pick<SiteParts, "shop" | "site" | "texts" | "assets"> | undefined;
  /** Origins besides its own to which forms of the hub lead. */
  readonly formTargets: readonly string[];
  readonly log: Logger;
  readonly metricsPage: () => Promise<string>;
}

/** The public API. Its type is what the pages' typed client is made from. */
const createApi = (parts: HttpParts) =>
  createRoutes()
    .route("/", createSetupRoutes(parts))
    .route("/", createMeRoutes(parts))
    .route("/", createHubRoutes(parts))
    .route("/", createModuleRoutes(parts))
    .route("/", createOrderRoutes(parts))
    .route("/", createProviderRoutes(parts))
    .route("/", createBillingRoutes(parts))
    .route("/", createReconcileRoutes(parts))
    .route("/", createShopRoutes(parts))
    .route("/", createFleetRoutes(parts))
    .route("/", createBeaconRoutes(parts))
    .route("/", createCommandRoutes(parts))
    .route("/", createExecRoutes(parts))
    .route("/", createAlertRoutes(parts))
    .route("/", createChannelRoutes(parts))
    .route("/", createMeasurementRoutes(parts))
    .route("/", createTrustRoutes(parts))
    .route("/", createLifecycleRoutes(parts))
    .route("/", createPeopleRoutes(parts))
    .route("/", createAgentRoutes(parts));

/** `hc<HubApi>("/api")` is a client of everything here. */
export type HubApi = ReturnType<typeof createApi>;

/** All that the hub answers over HTTP; agents' links are upgraded before. */
export function createApp(parts: HttpParts, settings: AppSettings): Hono<HubEnv> {
  const { origin, zone, trustedProxies, pagesDirectory, site, formTargets, log, metricsPage } = settings;
  const app = createRoutes();
  app.onError(createErrorHandler(log));
  app.notFound(notFound);

  app.use(requestId());
  app.use(securityHeaders(origin, [`https://*.${zone}:*`, ...formTargets]));
  app.use(sameOrigin(origin));
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge }));

  app.get("/health", (c) => c.json({ status: "ok", protocol: PROTOCOL }));
  app.get("/metrics", parts.scrapeTokens.guard(parts.guards.operator), async (c) =>
    c.text(await metricsPage(), 200, { "content-type": EXPOSITION_TYPE }),
  );
  app.get("/.well-known/jwks.json", (c) => c.json(jwksOf(parts.tokenKeys.all())));
  app.on(["GET", "POST"], `${AUTH_PATH}/*`, createAuthHandler(parts.auth, parts.audit, trustedProxies));
  // A thousand beacons are 400 kB, and a tenth of that compressed.
  app.use("/api/beacons", compress());
  app.route("/api", createApi(parts));
  app.get("/api/openapi.json", (c) => c.json(app.getOpenAPI31Document(description(origin))));
  app.all("/api/*", notFound);
  app.route("/", createReleaseFiles(parts.releases));
  if (site !== undefined) app.route("/", createSite({ ...parts, ...site, pagesDirectory, log }));
  app.route("/", createPages(pagesDirectory));
  return app;
}

const description = (origin: string) => ({
  openapi: "3.1.0",
  info: {
    title: "WOPR hub",
    version: String(PROTOCOL),
    description: `Sign in with \`POST ${AUTH_PATH}/sign-in/email\`. Errors are problem+json (RFC 9457) with a code and a hint.`,
  },
  servers: [{ url: origin }],
});

const tooLarge = () => {
  throw new Problem("too_large", `a request may have ${MAX_BODY_BYTES} bytes of body`);
};

const securityHeaders = (origin: string, formTargets: readonly string[]) =>
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      imgSrc: ["'self'", "data:"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
      formAction: ["'self'", ...formTargets],
    },
    strictTransportSecurity: origin.startsWith("https:") && "max-age=15552000",
    xFrameOptions: "DENY",
    referrerPolicy: "same-origin",
  });
