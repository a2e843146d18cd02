import { type Context, Hono } from "hono";
import { z } from "zod";
import { AlertsView, SilenceInput } from "#shared/api/alerts.ts";
import {
  BeaconEvent,
  BeaconOverview,
  CommandDetail,
  CommandRequest,
  CommandView,
  LogLine,
  LogQuery,
  MetricsQuery,
  MetricsView,
  ModuleSummary,
  Plan,
} from "#shared/api/beacon.ts";
import { pickSeries } from "#shared/metrics/series-pattern.ts";
import { Problem, parseOr } from "#shared/problem.ts";
import type { FixtureBeacon } from "./fixture-beacon.ts";
import { eventAnswer } from "./fixture-events.ts";
import { fixtureMetrics, fixtureSample } from "./fixture-metrics.ts";
import { fixtureModules } from "./fixture-modules.ts";
import { terminalRoutes } from "./fixture-terminal.ts";

/** Answers with what the contract allows, or fails the test by an answer of 500. */
export const answer = <Schema extends z.ZodType>(c: Context, schema: Schema, value: unknown) =>
  c.json(z.json().parse(schema.parse(value)));

export const problemAnswer = (c: Context, error: Error) => {
  const problem = Problem.wrap(error);
  return c.body(
    JSON.stringify({ title: problem.message, status: problem.status, ...problem.toJSON() }),
    problem.status,
    {
      "content-type": "application/problem+json",
    },
  );
};

/** What `shared/api/beacon.ts` says, of the beacon that `find` gives. */
export function beaconRoutes(find: (c: Context) => FixtureBeacon, cuts: Set<() => void>, actor: string): Hono {
  return new Hono()
    .route("/", terminalRoutes(cuts))
    .get("/overview", (c) => answer(c, BeaconOverview, find(c).overview()))
    .get("/modules", (c) => answer(c, z.object({ modules: z.array(ModuleSummary) }), { modules: fixtureModules }))
    .post("/plan", async (c) => {
      const request = parseOr(CommandRequest, await c.req.json(), "body");
      return answer(c, Plan, find(c).plan(request));
    })
    .get("/commands", (c) => answer(c, z.object({ commands: z.array(CommandView) }), { commands: find(c).commands }))
    .post("/commands", async (c) => {
      const request = parseOr(CommandRequest, await c.req.json(), "body");
      return answer(c, CommandView, find(c).submit(request, actor));
    })
    .get("/commands/:command", (c) => answer(c, CommandDetail, find(c).command(c.req.param("command"))))
    .post("/commands/:command/cancel", (c) => answer(c, CommandView, find(c).cancel(c.req.param("command"))))
    .get("/alerts", (c) => answer(c, AlertsView, find(c).alerts))
    .post("/silences", async (c) => {
      const input = parseOr(SilenceInput, await c.req.json(), "body");
      find(c).silence(input, actor);
      return answer(c, AlertsView, find(c).alerts);
    })
    .get("/metrics", (c) => {
      const { from = 0, to = Date.now(), series } = parseOr(MetricsQuery, c.req.query(), "query");
      if (find(c).metricsProblem !== undefined) throw find(c).metricsProblem;
      const { points, ...view } = fixtureMetrics(from, to, Date.now());
      const picked = points.map(({ at, values }) => ({ at, values: pickSeries(values, series) }));
      return answer(c, MetricsView, { ...view, points: picked });
    })
    .get("/logs/:instance", (c) => {
      const { tail, match = "" } = parseOr(LogQuery, c.req.query(), "query");
      const beacon = find(c);
      return eventAnswer(c, cuts, (send) => {
        const from = Date.now() - tail * 1_000;
        for (let line = 0; line < Math.min(tail, 60); line++) {
          const stderr = line % 17 === 9;
          if (match !== "" && !stderr) continue;
          send(
            "line",
            LogLine.parse({
              at: from + line * 1_000,
              service: "server",
              stream: stderr ? "stderr" : "stdout",
              text: stderr ? `[WARN] slow query took ${line * 13} ms` : `[INFO] GET /api/sync 200 ${line + 3} ms`,
            }),
          );
        }
        return beacon.logs.listen((line) => send("line", LogLine.parse(line)));
      });
    })
    .get("/events", (c) => {
      const beacon = find(c);
      return eventAnswer(c, cuts, (send) => {
        const tick = () => send("live", BeaconEvent.live.parse(fixtureSample(Date.now())));
        tick();
        const timer = setInterval(tick, 1_000);
        const stop = beacon.events.listen(({ event, data }) => send(event, BeaconEvent[event].parse(data)));
        return () => {
          clearInterval(timer);
          stop();
        };
      });
    });
}
