import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { defaultAlertRules } from "#shared/alerts/default-rules.ts";
import { AlertRules } from "#shared/alerts/rule.ts";
import { AlertRulesView, FleetAlert } from "#shared/api/alerts.ts";
import { body, createRoutes, json } from "../contract.ts";
import type { HttpParts } from "../parts.ts";

/** What is wrong in the fleet, and what beacons are watched for. */
export const createAlertRoutes = ({ guards, alertEvents, alertRules }: HttpParts) =>
  createRoutes()
    .openapi(
      createRoute({
        method: "get",
        path: "/alerts",
        tags: ["alerts"],
        summary: "What is wrong now, in the whole fleet",
        middleware: guards.operator,
        responses: { 200: json(z.object({ firing: z.array(FleetAlert) }), "Newest first") },
      }),
      async (c) => c.json({ firing: await alertEvents.firing() }, 200),
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
