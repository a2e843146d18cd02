import { createRoute } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import type { AlertRule } from "#shared/alerts/rule.ts";
import type { HubLink, LogLine, LogOptions, ModuleSummary } from "#shared/api/beacon.ts";
import type { ExecSession } from "#shared/api/exec.ts";
import { BeaconClaims, type Enrolment } from "#shared/api/hub.ts";
import type { AgentStatus } from "#shared/api/status.ts";
import { Problem } from "#shared/problem.ts";
import type { Alerts } from "../alerts/alerts.ts";
import type { OwnerChannels } from "../alerts/owner-channels.ts";
import type { Silences } from "../alerts/silences.ts";
import type { CommandQueue } from "../command-queue.ts";
import type { ExecSessions } from "../exec-sessions.ts";
import type { NewId } from "../id.ts";
import type { InventoryWatch } from "../inventory-watch.ts";
import type { Log } from "../log.ts";
import type { Live } from "../metrics/live.ts";
import type { MetricsStore } from "../metrics/store.ts";
import type { Sessions } from "../sessions.ts";
import type { Settings } from "../store/settings.ts";
import type { LoginLinks } from "../trust/login-links.ts";
import { type Access, requirePerson } from "./access.ts";
import { createBeaconRoutes } from "./beacon-routes.ts";
import { createChannelRoutes } from "./channel-routes.ts";
import { createRoutes, json, problem } from "./contract.ts";
import type { NewestEventsOptions } from "./event-stream.ts";
import { createExecRoutes } from "./exec-routes.ts";
import { createMetricsPage, createScrapeTokenRoutes } from "./metrics-routes.ts";
import { createPages } from "./pages.ts";
import { createErrorHandler, notFound } from "./problem-response.ts";
import { createSessionRoutes } from "./session-routes.ts";
import type { VerifyToken } from "./tokens.ts";
import { createRootRoutes, createTrustRoutes } from "./trust-routes.ts";

const LARGEST_BODY_BYTES = 256 * 1024;

/** What the beacon itself says and does about its hub and its keys. */
export interface LocalTrust {
  link(): HubLink;
  leave(actor: string): void;
  rotateKey(): void;
  readonly loginLinks: LoginLinks;
}

export interface ApiParts {
  readonly enrolment: Enrolment;
  /** Origin of the hub, where people sign in. */
  readonly hub: string;
  readonly queue: Pick<CommandQueue, "accept" | "detail" | "list" | "cancel" | "plan" | "onChange">;
  readonly modules: () => readonly ModuleSummary[];
  readonly logs: (request: LogOptions & { instance: string }, signal: AbortSignal) => AsyncIterable<LogLine>;
  readonly exec: ExecSessions["open"];
  /** Newest first. */
  readonly execSessions: (limit: number) => ExecSession[];
  readonly inventory: InventoryWatch;
  readonly metrics: Pick<MetricsStore, "view" | "newest">;
  readonly settings: Settings;
  readonly alerts: Pick<Alerts, "view" | "listen">;
  readonly silences: Pick<Silences, "list" | "put">;
  readonly ownerChannels: OwnerChannels;
  readonly alertRules: () => readonly AlertRule[];
  readonly status: () => AgentStatus;
  readonly live: Live;
  /** How long a stream of events lives, where it is not as long as usual. */
  readonly streamTimes?: Pick<NewestEventsOptions, "lifeMs" | "graceMs"> | undefined;
  /** Who is let in on the socket that this app is served on. */
  readonly access: Access;
  readonly verifyToken: VerifyToken;
  readonly sessions: Sessions;
  readonly trust: LocalTrust;
  /** Whether this is the socket that only root can open. */
  readonly isRoot: boolean;
  /** Where the pages are, as browsers reach them. */
  readonly dashboardUrl: string;
  /** Folder of the built pages. */
  readonly pages: string;
  readonly agentVersion: string;
  readonly now: () => number;
  readonly newId: NewId;
  readonly log: Log;
}

const health = createRoute({
  method: "get",
  path: "/health",
  summary: "Whether the agent runs",
  responses: { 200: json(z.object({ status: z.literal("ok"), version: z.string() }), "It does"), default: problem },
});

const me = createRoute({
  method: "get",
  path: "/me",
  summary: "Who you are to this beacon",
  responses: { 200: json(BeaconClaims.pick({ email: true, role: true }), "You"), default: problem },
});

const hub = createRoute({
  method: "get",
  path: "/api/hub",
  summary: "Where to sign in",
  responses: {
    200: json(z.object({ url: z.string().optional() }), "The hub of this beacon; none when it has left"),
    default: problem,
  },
});

/** The local API and the pages, for one socket. */
export function createApi(parts: ApiParts) {
  const guarded = createRoutes();
  guarded.use(requirePerson(parts.access));
  const api = guarded
    .openapi(me, (c) => c.json({ email: c.var.person.email, role: c.var.person.role }, 200))
    .route("/", createBeaconRoutes(parts))
    .route("/", createTrustRoutes(parts))
    .route("/", createExecRoutes(parts))
    .route("/", createScrapeTokenRoutes(parts))
    .route("/", createChannelRoutes(parts));
  if (parts.isRoot) api.route("/", createRootRoutes(parts));

  const app = createRoutes();
  app.onError(createErrorHandler(parts.log));
  app.notFound(notFound);
  app.use(
    bodyLimit({
      maxSize: LARGEST_BODY_BYTES,
      onError: () => {
        throw new Problem("too_large", `a request may have at most ${LARGEST_BODY_BYTES} bytes`);
      },
    }),
  );
  app.doc31("/api/openapi.json", {
    openapi: "3.1.0",
    info: { title: "WOPR beacon", version: parts.agentVersion, description: "One beacon, as it serves itself." },
  });
  return app
    .openapi(health, (c) => c.json({ status: "ok" as const, version: parts.agentVersion }, 200))
    .openapi(hub, (c) => c.json(parts.trust.link().state === "left" ? {} : { url: parts.hub }, 200))
    .route("/", createMetricsPage(parts))
    .route("/", createSessionRoutes(parts))
    .route("/api", api)
    .all("/api/*", notFound)
    .route("/", createPages(parts.pages));
}

export type AgentApi = ReturnType<typeof createApi>;
