import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { AlertRule } from "#shared/alerts/rule.ts";
import { AlertsView, SilenceInput } from "#shared/api/alerts.ts";
import {
  BeaconOverview,
  CommandDetail,
  CommandRequest,
  CommandView,
  LogQuery,
  MetricsQuery,
  MetricsView,
  ModuleSummary,
  Plan,
} from "#shared/api/beacon.ts";
import { AgentStatus } from "#shared/api/status.ts";
import { assertUnreserved, inputAt } from "#shared/command-registry.ts";
import type { Inventory } from "#shared/inventory.ts";
import { pickSeries } from "#shared/metrics/series-pattern.ts";
import { Id, InstanceName } from "#shared/names.ts";
import { Problem } from "#shared/problem.ts";
import { ROOT, requireOwner } from "./access.ts";
import type { ApiParts } from "./app.ts";
import { createRoutes, events, json, jsonBody, problem } from "./contract.ts";
import { eventsOf, newestEvents, type SendEvent } from "./event-stream.ts";
import { overviewOf } from "./overview.ts";

const HOUR_MS = 3_600_000;
/** How often the instances are looked at while somebody watches. */
const LOOK_EVERY_MS = 5_000;

/** The inventory says itself, in the log, why it could not be taken. */
const ignore = () => undefined;

const CommandPath = z.object({ id: Id });
const LogPath = z.object({ instance: InstanceName });
const ListQuery = z.object({ limit: z.coerce.number().int().min(1).max(500).default(50) });

const routes = {
  overview: createRoute({
    method: "get",
    path: "/overview",
    summary: "What this beacon is and what is on it",
    responses: { 200: json(BeaconOverview, "The beacon"), default: problem },
  }),
  modules: createRoute({
    method: "get",
    path: "/modules",
    summary: "What can be installed",
    responses: { 200: json(z.object({ modules: z.array(ModuleSummary) }), "The modules"), default: problem },
  }),
  plan: createRoute({
    method: "post",
    path: "/plan",
    summary: "What a command would do now",
    request: { body: jsonBody(CommandRequest) },
    responses: { 200: json(Plan, "The steps; none when there is nothing to do"), default: problem },
  }),
  commands: createRoute({
    method: "get",
    path: "/commands",
    summary: "Commands, newest first",
    request: { query: ListQuery },
    responses: { 200: json(z.object({ commands: z.array(CommandView) }), "The commands"), default: problem },
  }),
  submit: createRoute({
    method: "post",
    path: "/commands",
    middleware: [requireOwner] as const,
    summary: "Give a command",
    request: { body: jsonBody(CommandRequest) },
    responses: { 202: json(CommandView, "The command was accepted"), default: problem },
  }),
  command: createRoute({
    method: "get",
    path: "/commands/{id}",
    summary: "One command, with its life",
    request: { params: CommandPath },
    responses: { 200: json(CommandDetail, "The command"), default: problem },
  }),
  cancel: createRoute({
    method: "post",
    path: "/commands/{id}/cancel",
    middleware: [requireOwner] as const,
    summary: "Break a command off",
    request: { params: CommandPath },
    responses: { 202: json(CommandView, "It will be broken off"), default: problem },
  }),
  metrics: createRoute({
    method: "get",
    path: "/metrics",
    summary: "What was measured",
    request: { query: MetricsQuery },
    responses: { 200: json(MetricsView, "As finely as it is kept for that span"), default: problem },
  }),
  alerts: createRoute({
    method: "get",
    path: "/alerts",
    summary: "What is wrong, and what was",
    responses: { 200: json(AlertsView, "What this beacon sees itself"), default: problem },
  }),
  silence: createRoute({
    method: "post",
    path: "/silences",
    middleware: [requireOwner] as const,
    summary: "Have this beacon tell nobody of an alert for a while",
    request: { body: jsonBody(SilenceInput) },
    responses: { 200: json(AlertsView, "What is wrong, and what is silenced"), default: problem },
  }),
  rules: createRoute({
    method: "get",
    path: "/alert-rules",
    summary: "What this beacon is watched for, as its hub said last",
    responses: { 200: json(z.object({ rules: z.array(AlertRule) }), "The rules"), default: problem },
  }),
  status: createRoute({
    method: "get",
    path: "/status",
    summary: "How the agent is, and what its hub does not know yet",
    responses: { 200: json(AgentStatus, "The agent"), default: problem },
  }),
  logs: createRoute({
    method: "get",
    path: "/logs/{instance}",
    summary: "Log of an instance",
    request: { params: LogPath, query: LogQuery },
    responses: { 200: events("Events `line`, then `end`"), default: problem },
  }),
  events: createRoute({
    method: "get",
    path: "/events",
    summary: "What happens on this beacon",
    responses: { 200: events("Events `overview`, `live`, `command` and `alert`"), default: problem },
  }),
} as const;

/** The routes that are listed in `shared/api/beacon.ts`. */
export const createBeaconRoutes = (parts: ApiParts) => {
  const { enrolment, queue, inventory, live, metrics, trust, now, newId } = parts;

  return createRoutes()
    .openapi(routes.overview, async (c) => c.json(overviewOf(enrolment, await inventory.fresh(), trust.link()), 200))
    .openapi(routes.modules, (c) => c.json({ modules: [...parts.modules()] }, 200))
    .openapi(routes.plan, async (c) => {
      const { name, input } = c.req.valid("json");
      return c.json(await queue.plan(name, inputAt(name, input, now())), 200);
    })
    .openapi(routes.commands, (c) => c.json({ commands: queue.list(c.req.valid("query").limit) }, 200))
    .openapi(routes.submit, (c) => {
      const { name, input: given } = c.req.valid("json");
      if (c.var.person.sub !== ROOT) assertUnreserved(name);
      const input = inputAt(name, given, now());
      const command = { id: newId("cmd"), sequence: null, name, input, actor: c.var.person.email };
      return c.json(queue.accept(command), 202);
    })
    .openapi(routes.command, (c) => c.json(commandOf(parts, c.req.valid("param").id), 200))
    .openapi(routes.cancel, (c) => {
      const { id } = commandOf(parts, c.req.valid("param").id);
      return c.json(queue.cancel(id, c.var.person.email), 202);
    })
    .openapi(routes.metrics, (c) => {
      const { from, to = now(), series } = c.req.valid("query");
      const { points, ...view } = metrics.view(Math.min(from ?? to - HOUR_MS, to), to);
      const picked = points.map(({ at, values }) => ({ at, values: pickSeries(values, series) }));
      return c.json({ ...view, points: picked }, 200);
    })
    .openapi(routes.alerts, (c) => c.json({ ...parts.alerts.view(), silences: parts.silences.list() }, 200))
    .openapi(routes.silence, (c) => {
      parts.silences.put(c.req.valid("json"), c.var.person.email);
      return c.json({ ...parts.alerts.view(), silences: parts.silences.list() }, 200);
    })
    .openapi(routes.rules, (c) => c.json({ rules: [...parts.alertRules()] }, 200))
    .openapi(routes.status, (c) => c.json(parts.status(), 200))
    .openapi(routes.logs, (c) => {
      const { instance } = c.req.valid("param");
      const query = c.req.valid("query");
      return eventsOf(c, "line", (gone) => parts.logs({ instance, ...query }, gone));
    })
    .openapi(routes.events, (c) => {
      const subscribe = (send: SendEvent) => {
        const sendOverview = (seen: Inventory) => send("overview", overviewOf(enrolment, seen, trust.link()), "");
        const stops = [
          live.listen((sample) => send("live", sample, "")),
          queue.onChange((view) => send("command", view, view.id)),
          inventory.listen(sendOverview),
          parts.alerts.listen((event) => send("alert", event, event.id)),
        ];
        inventory.fresh().then(sendOverview, ignore);
        const timer = setInterval(() => void inventory.fresh().catch(ignore), LOOK_EVERY_MS);
        return () => {
          clearInterval(timer);
          for (const stop of stops) stop();
        };
      };
      return newestEvents(c, { subscribe, ...parts.streamTimes });
    });
};

function commandOf({ queue }: ApiParts, id: string): CommandDetail {
  const view = queue.detail(id);
  if (view !== undefined) return view;
  throw new Problem("not_found", `this beacon knows no command ${id}`);
}
