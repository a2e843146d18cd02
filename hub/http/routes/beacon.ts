import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { AlertsView, HISTORY_LENGTH } from "#shared/api/alerts.ts";
import { BeaconOverview, LogQuery, MetricsQuery, MetricsView, ModuleSummary } from "#shared/api/beacon.ts";
import { gapsIn } from "#shared/metrics/gaps.ts";
import { chooseResolution } from "#shared/metrics/rollup.ts";
import { pickSeries } from "#shared/metrics/series-pattern.ts";
import { moduleSummary } from "#shared/modules/read.ts";
import { InstanceName } from "#shared/names.ts";
import { BeaconParams, createRoutes, events, json } from "../contract.ts";
import { eventStream, eventsOf, type SendEvent } from "../event-stream.ts";
import type { HttpParts } from "../parts.ts";

const HOUR_MS = 3_600_000;

/** What can be seen of one beacon: `shared/api/beacon.ts` is the contract, which the beacon itself serves as well. */
export const createBeaconRoutes = ({
  guards,
  fleet,
  catalog,
  rollups,
  gaps,
  alertEvents,
  silencing,
  links,
  live,
  watch,
  streamTimes,
  now,
}: HttpParts) =>
  createRoutes()
    .openapi(
      createRoute({
        method: "get",
        path: "/beacons/{beacon}/overview",
        tags: ["beacon"],
        summary: "What the beacon is and what runs on it",
        middleware: guards.beacon,
        request: { params: BeaconParams },
        responses: { 200: json(BeaconOverview, "The beacon") },
      }),
      async (c) => c.json(await fleet.overview(c.var.beacon.id), 200),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/beacons/{beacon}/modules",
        tags: ["beacon"],
        summary: "The modules that can be installed",
        middleware: guards.beacon,
        request: { params: BeaconParams },
        responses: { 200: json(z.object({ modules: z.array(ModuleSummary) }), "The catalog") },
      }),
      (c) => c.json({ modules: [...catalog.values()].map(moduleSummary) }, 200),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/beacons/{beacon}/metrics",
        tags: ["beacon"],
        summary: "Measurements, at the resolution that fits the span",
        middleware: guards.beacon,
        request: { params: BeaconParams, query: MetricsQuery },
        responses: { 200: json(MetricsView, "Oldest first") },
      }),
      async (c) => {
        const { to = now(), from = to - HOUR_MS, series } = c.req.valid("query");
        const { name: resolution, stepMs } = chooseResolution(from, to, now());
        const { id, createdAt, enrolledAt = createdAt } = c.var.beacon;
        const points = await rollups.list({ beacon: id, stepMs, from: from - (from % stepMs), to });
        // Before its agent was there, nothing was missing.
        const since = Math.max(from, enrolledAt);
        const known = await gaps.list(id, since, to);
        const view = { points, stepMs, from: since - (since % stepMs), to: Math.min(to, now()), known };
        const picked = points.map(({ at, values }) => ({ at, values: pickSeries(values, series) }));
        return c.json({ resolution, stepMs, points: picked, gaps: gapsIn(view) }, 200);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/beacons/{beacon}/alerts",
        tags: ["beacon"],
        summary: "What is wrong with the beacon, and what was, as it said itself or the hub saw",
        middleware: guards.beacon,
        request: { params: BeaconParams },
        responses: { 200: json(AlertsView, "Newest first") },
      }),
      async (c) => {
        const { id } = c.var.beacon;
        const firing = (await alertEvents.firing(id)).map(({ event }) => event);
        const history = await alertEvents.history(id, HISTORY_LENGTH);
        return c.json({ firing, history, silences: await silencing.of(id) }, 200);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/beacons/{beacon}/logs/{instance}",
        tags: ["beacon"],
        summary: "Log lines of an instance: events `line` (LogLine) and, when it ends, `end`",
        middleware: guards.beacon,
        request: { params: BeaconParams.extend({ instance: InstanceName }), query: LogQuery },
        responses: { 200: events("Log lines") },
      }),
      (c) => {
        const { beacon, instance } = c.req.valid("param");
        const options = { instance, ...c.req.valid("query") };
        return eventsOf(c, "line", (gone) => links.openStream(beacon, "logs", options, { signal: gone }));
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/beacons/{beacon}/events",
        tags: ["beacon"],
        summary: "What happens on the beacon: events `overview`, `live`, `command` and `alert`, see BeaconEvent",
        middleware: guards.beacon,
        request: { params: BeaconParams },
        responses: { 200: events("Events without end") },
      }),
      (c) => {
        const { id } = c.var.beacon;
        const subscribe = (send: SendEvent) => {
          const stops = [
            live.subscribe("overview", (overview) => overview.id === id && send("overview", overview)),
            live.subscribe("live", ({ beacon, sample }) => beacon === id && send("live", sample)),
            live.subscribe("command", ({ beacon, command }) => beacon === id && send("command", command)),
            live.subscribe("alert", ({ beacon, event }) => beacon === id && send("alert", event)),
            watch.start(id),
          ];
          return () => {
            for (const stop of stops) stop();
          };
        };
        return eventStream(c, { subscribe, ...streamTimes });
      },
    );
