import { randomBytes } from "node:crypto";
import { createRoute } from "@hono/zod-openapi";
import { createMiddleware } from "hono/factory";
import { z } from "zod";
import { NewScrapeToken, ScrapeTokenView } from "#shared/api/scrape-token.ts";
import { EXPOSITION_TYPE, exposition, measuredFamilies, single } from "#shared/prometheus/exposition.ts";
import { bearerToken, isScrapeToken, makeScrapeToken, StoredScrapeToken } from "#shared/scrape-token.ts";
import { requireOwner } from "./access.ts";
import type { ApiParts } from "./app.ts";
import { type ApiEnv, createRoutes, json, problem } from "./contract.ts";

const TOKEN = "scrape-token";
/** Older values say nothing about now. */
const FRESH_MS = 60_000;

const page = createRoute({
  method: "get",
  path: "/metrics",
  summary:
    "What was measured last, for Prometheus. Needs the scrape token as a bearer token, or somebody who is signed in",
  responses: {
    200: { description: "Prometheus' text format", content: { [EXPOSITION_TYPE]: { schema: z.string() } } },
    default: problem,
  },
});

const token = {
  view: createRoute({
    method: "get",
    path: "/scrape-token",
    middleware: [requireOwner] as const,
    summary: "Whether there is a token for Prometheus",
    responses: { 200: json(ScrapeTokenView, "Since when"), default: problem },
  }),
  make: createRoute({
    method: "post",
    path: "/scrape-token",
    middleware: [requireOwner] as const,
    summary: "Make a token for Prometheus; the one before is no longer valid",
    responses: { 201: json(NewScrapeToken, "The token, which is shown this once"), default: problem },
  }),
  remove: createRoute({
    method: "delete",
    path: "/scrape-token",
    middleware: [requireOwner] as const,
    summary: "Take the token for Prometheus away",
    responses: { 204: { description: "It is no longer valid" }, default: problem },
  }),
};

type MetricsParts = Pick<ApiParts, "access" | "settings" | "metrics" | "agentVersion" | "now">;

/** For programs that collect measurements; where a request comes from means nothing here either. */
export function createMetricsPage({ access, settings, metrics, agentVersion, now }: MetricsParts) {
  const requireScraper = createMiddleware<ApiEnv>(async (c, next) => {
    const given = bearerToken(c.req.header("authorization"));
    const isScraper =
      given !== undefined && isScrapeToken(settings.get(TOKEN, StoredScrapeToken.nullable()) ?? undefined, given);
    if (!isScraper) c.set("person", await access(c));
    await next();
    c.header("cache-control", "no-store");
  });
  const routes = createRoutes();
  routes.use("/metrics", requireScraper);
  return routes.openapi(page, (c) => {
    const newest = metrics.newest();
    const families = [
      {
        name: "wopr_agent_info",
        type: "gauge",
        help: "The agent",
        values: [{ labels: { version: agentVersion }, value: 1 }],
      },
      single("process_resident_memory_bytes", "gauge", "Memory of the agent", process.memoryUsage.rss()),
      single("process_cpu_seconds_total", "counter", "CPU time of the agent", cpuSeconds()),
      ...(newest === undefined
        ? []
        : [single("wopr_sample_timestamp_seconds", "gauge", "When the beacon was measured last", newest.at / 1000)]),
      ...(newest === undefined || now() - newest.at > FRESH_MS ? [] : measuredFamilies([newest])),
    ] as const;
    return c.text(exposition(families), 200, { "content-type": EXPOSITION_TYPE });
  });
}

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** The owner's hold on who may read `/metrics`. */
export const createScrapeTokenRoutes = ({ settings, now }: Pick<ApiParts, "settings" | "now">) =>
  createRoutes()
    .openapi(token.view, (c) => {
      const stored = settings.get(TOKEN, StoredScrapeToken.nullable());
      return c.json(stored === undefined || stored === null ? {} : { createdAt: stored.createdAt }, 200);
    })
    .openapi(token.make, (c) => {
      const { stored, made } = makeScrapeToken(randomBytes(32), now());
      settings.put(TOKEN, stored);
      return c.json(made, 201);
    })
    .openapi(token.remove, (c) => {
      settings.put(TOKEN, null);
      return c.body(null, 204);
    });
