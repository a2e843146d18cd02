import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { secureHeaders } from "hono/secure-headers";
import { z } from "zod";
import { ModuleSummary } from "#shared/api/beacon.ts";
import {
  AuditEntry,
  BeaconSummary,
  BeaconVisit,
  FleetEvent,
  HubInfo,
  JobView,
  MyAccount,
  NewEnrolmentToken,
  Order,
} from "#shared/api/hub.ts";
import { Problem, parseOr } from "#shared/problem.ts";
import { FixtureAlerting } from "./fixture-alerting.ts";
import type { FixtureBeacon } from "./fixture-beacon.ts";
import { eventAnswer } from "./fixture-events.ts";
import { FixtureJobs } from "./fixture-jobs.ts";
import { FixtureLifecycle } from "./fixture-lifecycle.ts";
import { fixtureValues } from "./fixture-metrics.ts";
import { fixtureModules } from "./fixture-modules.ts";
import { FixtureProviders } from "./fixture-providers.ts";
import { answer, beaconRoutes, problemAnswer } from "./fixture-routes.ts";
import { FixtureSales } from "./fixture-sales.ts";
import { FixtureSettings } from "./fixture-settings.ts";

export const fixtureOperator = { email: "ada@example.org", password: "correct horse battery" };

export interface Served {
  readonly url: string;
  /** Ends every event stream and, until `resume`, answers 503. */
  readonly cut: () => void;
  readonly resume: () => void;
  readonly stop: () => Promise<void>;
}

export interface FixtureHub extends Served {
  readonly jobs: FixtureJobs;
  readonly beacons: FixtureBeacon[];
  readonly alerting: FixtureAlerting;
  readonly settings: FixtureSettings;
  readonly providers: FixtureProviders;
  readonly sales: FixtureSales;
  readonly lifecycle: FixtureLifecycle;
  setupNeeded: boolean;
  /** Who everybody that signs in is. */
  me: MyAccount;
  /** E-mail addresses that asked for a link. */
  readonly links: string[];
  /** Names by which agents were shut out. */
  readonly revoked: string[];
}

/** The console's pages and an API in memory whose every answer fits the contract. */
export async function startFixtureHub(pages: string, beacons: FixtureBeacon[]): Promise<FixtureHub> {
  const jobs = new FixtureJobs();
  const me: MyAccount = {
    id: "usr_1",
    email: fixtureOperator.email,
    name: "Ada",
    role: "operator",
    hasPassword: true,
  };
  const state = { setupNeeded: false, me };
  const links: string[] = [];
  const alerting = new FixtureAlerting(beacons);
  const settings = new FixtureSettings();
  const providers = new FixtureProviders();
  const sales = new FixtureSales();
  const lifecycle = new FixtureLifecycle();
  const cuts = new Set<() => void>();

  const open = new Hono()
    .get("/setup", (c) => answer(c, z.object({ needed: z.boolean() }), { needed: state.setupNeeded }))
    .post("/setup", async (c) => {
      const { code } = z
        .object({ code: z.string() })
        .loose()
        .parse(await c.req.json());
      if (code !== "let-me-in") throw new Problem("forbidden", "this is not the set-up code", { hint: "Look again." });
      state.setupNeeded = false;
      setCookie(c, "fixture", "in");
      return answer(c, MyAccount, state.me);
    })
    .post("/auth/sign-in/email", async (c) => {
      const given = z.object({ email: z.string(), password: z.string() }).parse(await c.req.json());
      if (given.password !== fixtureOperator.password) {
        throw new Problem("not_signed_in", "Invalid email or password");
      }
      setCookie(c, "fixture", "in");
      return c.json({ token: "x" });
    })
    .post("/auth/sign-in/magic-link", async (c) => {
      links.push(z.object({ email: z.string() }).parse(await c.req.json()).email);
      return c.json({ status: true });
    })
    .post("/auth/sign-out", (c) => {
      setCookie(c, "fixture", "");
      return c.json({ success: true });
    });

  const revoked: string[] = [];
  const find = (id: string | undefined) => {
    const beacon = beacons.find((known) => known.id === id);
    if (beacon === undefined) throw new Problem("not_found", `there is no beacon ${id}`);
    return beacon;
  };
  const guarded = new Hono()
    .use(async (c, next) => {
      if (getCookie(c, "fixture") !== "in") throw new Problem("not_signed_in", "you are not signed in");
      await next();
    })
    .get("/me", (c) => answer(c, MyAccount, state.me))
    .put("/me/password", async (c) => {
      const { password } = z.object({ password: z.string() }).parse(await c.req.json());
      if (password === "password1234") throw new Problem("invalid_input", "this password is known to everybody");
      state.me = { ...state.me, hasPassword: true };
      return answer(c, MyAccount, state.me);
    })
    .get("/hub", (c) => answer(c, HubInfo, { zone: "beacons.example", version: "0.1.0" }))
    .get("/modules", (c) => answer(c, z.object({ modules: z.array(ModuleSummary) }), { modules: fixtureModules }))
    .get("/beacons", (c) =>
      answer(c, z.object({ beacons: z.array(BeaconSummary) }), { beacons: beacons.map(summaryOf) }),
    )
    .post("/beacons/:beacon/visit", (c) =>
      answer(c, BeaconVisit, { url: "https://ada.beacons.example/session", token: `for ${c.req.param("beacon")}` }),
    )
    .post("/beacons/:beacon/revoke", async (c) => {
      const { confirm } = z.object({ confirm: z.string() }).parse(await c.req.json());
      revoked.push(confirm);
      return c.body(null, 204);
    })
    .post("/beacons/:beacon/enrolment", (c) =>
      answer(c, NewEnrolmentToken, { token: "a-token-that-is-shown-once", expiresAt: Date.now() + 3_600_000 }),
    )
    .post("/orders", async (c) => {
      const order = parseOr(Order, await c.req.json(), "the order");
      if (order.beacon === "taken") throw new Problem("conflict", "there is a beacon named taken already");
      return answer(c, JobView, jobs.order(order));
    })
    .get("/jobs", (c) => answer(c, z.object({ jobs: z.array(JobView) }), { jobs: jobs.list }))
    .get("/jobs/:id", (c) => answer(c, JobView, jobs.find(c.req.param("id"))))
    .post("/jobs/:id/approve", (c) => answer(c, JobView, jobs.approve(c.req.param("id"))))
    .post("/jobs/:id/retry", (c) => answer(c, JobView, jobs.retry(c.req.param("id"))))
    .post("/jobs/:id/cancel", (c) => answer(c, JobView, jobs.cancel(c.req.param("id"))))
    .get("/audit", (c) => answer(c, z.object({ entries: z.array(AuditEntry) }), { entries: auditEntries() }))
    .route("/", alerting.routes())
    .route("/", settings.routes())
    .route("/", providers.routes())
    .route("/", sales.routes())
    .route(
      "/",
      lifecycle.routes((id) => find(id).name),
    )
    .get("/events", (c) =>
      eventAnswer(c, cuts, (send) => {
        const stops = [
          jobs.events.listen((job) => send("job", FleetEvent.job.parse(job))),
          lifecycle.events.listen((job) => send("lifecycle", job)),
        ];
        const timer = setInterval(() => {
          send("beacons", FleetEvent.beacons.parse(beacons.map(summaryOf)));
        }, 1_000);
        return () => {
          clearInterval(timer);
          for (const stop of stops) stop();
        };
      }),
    )
    .route(
      "/beacons/:beacon",
      beaconRoutes((c) => find(c.req.param("beacon")), cuts, me.email),
    );

  const served = await serveFixture({ pages, api: new Hono().route("/", open).route("/", guarded), cuts });
  return Object.assign(state, served, {
    jobs,
    beacons,
    alerting,
    settings,
    providers,
    sales,
    lifecycle,
    links,
    revoked,
  });
}

export interface FixtureSite {
  readonly pages: string;
  readonly api: Hono;
  /** Where people come in, beside the API. */
  readonly session?: Hono;
  readonly cuts: Set<() => void>;
}

/** Pages and API on a port of this machine, under the strictest policy that either side sets. */
export async function serveFixture({ pages, api, session = new Hono(), cuts }: FixtureSite): Promise<Served> {
  let away = false;
  const app = new Hono();
  app.onError((error, c) => problemAnswer(c, error));
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'", "https://*.beacons.example"],
        frameAncestors: ["'none'"],
      },
    }),
  );
  app.use("/api/*", async (c, next) => {
    if (away) return c.text("away", 503);
    return next();
  });
  app.route("/api", api);
  app.route("/", session);
  app.get("*", serveStatic({ root: pages }), serveStatic({ path: `${pages}/index.html` }));
  const server = createServer(getRequestListener((request) => app.fetch(request)));
  const url = await listen(server);
  const endStreams = () => {
    for (const end of [...cuts]) end();
  };
  return {
    url,
    cut: () => {
      away = true;
      endStreams();
    },
    resume: () => {
      away = false;
    },
    stop: async () => {
      endStreams();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the fixture listens on no port");
  return `http://127.0.0.1:${address.port}`;
}

function summaryOf(beacon: FixtureBeacon): BeaconSummary {
  const { lastSeenAt, domain } = beacon.overview();
  const values = fixtureValues(Date.now() + beacon.name.length * 700_000);
  return {
    id: beacon.id,
    name: beacon.name,
    domain,
    email: `${beacon.name}@example.org`,
    provider: beacon.provider,
    online: beacon.online,
    createdAt: Date.now() - 40 * 86_400_000,
    agentVersion: "0.1.0",
    instances: beacon.instances.filter(({ core }) => !core).length,
    degraded: beacon.instances.filter(({ state }) => state === "degraded").length,
    ...(lastSeenAt === undefined ? {} : { lastSeenAt }),
    ...(beacon.online
      ? {
          cpuPercent: values.cpu_percent,
          memoryPercent: ((values.memory_used_bytes ?? 0) / (values.memory_total_bytes ?? 1)) * 100,
          diskPercent: beacon.name === "mir" ? 91 : 27,
        }
      : {}),
  };
}

function auditEntries(): AuditEntry[] {
  const now = Date.now();
  return [
    {
      at: now - 60_000,
      actor: "ada@example.org",
      action: "command.send",
      subject: "cmd_ada-0000-0001",
      details: { name: "module.install" },
    },
    {
      at: now - 240_000,
      actor: "ada@example.org",
      action: "order.place",
      subject: "job_fixture-0001",
      details: { beacon: "ada" },
    },
    { at: now - 300_000, actor: "ada@example.org", action: "beacon.visit", subject: "bcn_00000002", details: {} },
    { at: now - 900_000, actor: "ada@example.org", action: "hub.set-up", subject: "usr_1", details: {} },
  ];
}
