import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { defaultAlertRules } from "#shared/alerts/default-rules.ts";
import { AlertRules } from "#shared/alerts/rule.ts";
import {
  AlertRulesView,
  AlertsView,
  FleetAlert,
  HISTORY_LENGTH,
  HUB_ITSELF,
  OwnerNotices,
  Silence,
  SilenceInput,
  silences,
} from "#shared/api/alerts.ts";
import type { BeaconAlert } from "../../store/alert-events.ts";
import { BeaconParams, body, createRoutes, json } from "../contract.ts";
import type { HttpParts } from "../parts.ts";

const FLEET_HISTORY = 200;

/** What is wrong in the fleet, and what beacons are watched for. */
export const createAlertRoutes = ({ guards, alertEvents, alertRules, beacons, silencing, now }: HttpParts) => {
  const withSilences = async (alerts: readonly BeaconAlert[]): Promise<FleetAlert[]> => {
    const all = await silencing.all();
    return alerts.map(({ beacon, event }) => {
      const silence = all.get(beacon)?.find((one) => silences(one, event, now()));
      return { beacon, event, ...(silence === undefined ? {} : { silence }) };
    });
  };
  return createRoutes()
    .openapi(
      createRoute({
        method: "get",
        path: "/alerts",
        tags: ["alerts"],
        summary: "What is wrong now, in the whole fleet",
        middleware: guards.operator,
        responses: { 200: json(z.object({ firing: z.array(FleetAlert) }), "Newest first") },
      }),
      async (c) => c.json({ firing: await withSilences(await alertEvents.firing()) }, 200),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/alerts/history",
        tags: ["alerts"],
        summary: "What began and ended, in the whole fleet",
        middleware: guards.operator,
        responses: { 200: json(z.object({ history: z.array(FleetAlert) }), "Newest first") },
      }),
      async (c) => c.json({ history: await alertEvents.fleetHistory(FLEET_HISTORY) }, 200),
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/silences",
        tags: ["alerts"],
        summary: "Nobody is told for a while of an alert of the hub itself",
        middleware: guards.operator,
        request: { body: body(SilenceInput) },
        responses: { 200: json(z.object({ silences: z.array(Silence) }), "Those that hold") },
      }),
      async (c) => {
        await silencing.put(HUB_ITSELF, c.req.valid("json"), c.var.user.email);
        return c.json({ silences: await silencing.of(HUB_ITSELF) }, 200);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/beacons/{beacon}/silences",
        tags: ["alerts"],
        summary: "Nobody is told for a while of an alert of this beacon, by the hub",
        middleware: guards.beacon,
        request: { params: BeaconParams, body: body(SilenceInput) },
        responses: { 200: json(AlertsView, "What is wrong, and what is silenced") },
      }),
      async (c) => {
        const { id } = c.var.beacon;
        await silencing.put(id, c.req.valid("json"), c.var.user.email);
        const firing = (await alertEvents.firing(id)).map(({ event }) => event);
        const history = await alertEvents.history(id, HISTORY_LENGTH);
        return c.json({ firing, history, silences: await silencing.of(id) }, 200);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/beacons/{beacon}/notices",
        tags: ["alerts"],
        summary: "Of which alerts the owner gets mails",
        middleware: guards.beacon,
        request: { params: BeaconParams },
        responses: { 200: json(OwnerNotices, "What the owner is told") },
      }),
      (c) => c.json({ ownerMail: c.var.beacon.ownerMail }, 200),
    )
    .openapi(
      createRoute({
        method: "put",
        path: "/beacons/{beacon}/notices",
        tags: ["alerts"],
        summary: "Say of which alerts the owner gets mails",
        middleware: guards.beacon,
        request: { params: BeaconParams, body: body(OwnerNotices) },
        responses: { 200: json(OwnerNotices, "What the owner is told from now on") },
      }),
      async (c) => {
        const { ownerMail } = c.req.valid("json");
        const { id } = c.var.beacon;
        const line = { actor: c.var.user.email, action: "notices.change", subject: id, details: { ownerMail } };
        await beacons.update(id, { ownerMail }, line);
        return c.json({ ownerMail }, 200);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/alert-rules",
        tags: ["alerts"],
        summary: "What beacons are watched for, and what they are watched for unless somebody says otherwise",
        middleware: guards.operator,
        responses: { 200: json(AlertRulesView, "The rules") },
      }),
      async (c) => c.json({ rules: [...(await alertRules.current())], defaults: defaultAlertRules }, 200),
    )
    .openapi(
      createRoute({
        method: "put",
        path: "/alert-rules",
        tags: ["alerts"],
        summary: "Replace all rules. What fires by a rule that is taken away is over",
        middleware: guards.operator,
        request: { body: body(z.strictObject({ rules: AlertRules })) },
        responses: { 200: json(AlertRulesView, "The rules") },
      }),
      async (c) => {
        const { rules } = c.req.valid("json");
        await alertRules.put(rules, c.var.user.email);
        return c.json({ rules, defaults: defaultAlertRules }, 200);
      },
    );
};
