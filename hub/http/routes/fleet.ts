import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { AuditEntry, BeaconSummary, BeaconVisit, VISIT_PATH } from "#shared/api/hub.ts";
import { Problem } from "#shared/problem.ts";
import { isOwnedBy } from "../../fleet/fleet.ts";
import { BeaconParams, createRoutes, events, json } from "../contract.ts";
import { eventStream, type SendEvent } from "../event-stream.ts";
import type { HttpParts } from "../parts.ts";

const AuditPage = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  /** Go on with what is older than this moment. */
  before: z.coerce.number().int().nonnegative().optional(),
});

/** All beacons that the reader may see. */
export const createFleetRoutes = ({ guards, fleet, live, audit, signVisitToken, streamTimes }: HttpParts) =>
  createRoutes()
    .openapi(
      createRoute({
        method: "get",
        path: "/beacons",
        tags: ["fleet"],
        summary: "The beacons: all for the operator, their own for owners",
        middleware: guards.user,
        responses: { 200: json(z.object({ beacons: z.array(BeaconSummary) }), "By name") },
      }),
      async (c) => {
        const { user } = c.var;
        return c.json({ beacons: await fleet.list(user.role === "operator" ? undefined : user) }, 200);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/events",
        tags: ["fleet"],
        summary:
          "What happens in the fleet: events `beacons` (BeaconSummary[]) and, for the operator, `job` (JobView), `lifecycle` (LifecycleJobView) and `alert` (FleetAlert)",
        middleware: guards.user,
        responses: { 200: events("Events without end") },
      }),
      (c) => {
        const { user } = c.var;
        const subscribe = (send: SendEvent) => {
          const stops = [
            live.subscribe("beacons", (changed) => {
              const seen = changed.filter(({ beacon }) => user.role === "operator" || isOwnedBy(beacon, user));
              if (seen.length > 0)
                send(
                  "beacons",
                  seen.map(({ summary }) => summary),
                );
            }),
            ...(user.role === "operator"
              ? [
                  live.subscribe("job", (job) => send("job", job)),
                  live.subscribe("lifecycle", (job) => send("lifecycle", job)),
                  live.subscribe("alert", (alert) => send("alert", alert)),
                ]
              : []),
          ];
          return () => {
            for (const stop of stops) stop();
          };
        };
        return eventStream(c, { subscribe, ...streamTimes });
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/beacons/{beacon}/visit",
        tags: ["fleet"],
        summary: "A token for the beacon's own dashboard, good for five minutes",
        middleware: guards.beacon,
        request: { params: BeaconParams },
        responses: { 200: json(BeaconVisit, "Where to post which token") },
      }),
      async (c) => {
        const { user, beacon } = c.var;
        if (beacon.inventory === undefined) {
          throw new Problem("unavailable", "the beacon has not said yet where its dashboard is", {
            hint: "Try again when it is online.",
          });
        }
        const token = await signVisitToken(beacon.id, { sub: user.id, email: user.email, role: user.role });
        await audit.write({ actor: user.email, action: "beacon.visit", subject: beacon.id });
        return c.json({ url: `${beacon.inventory.dashboardUrl}${VISIT_PATH}`, token }, 200);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/audit",
        tags: ["audit"],
        summary: "Who did what and when",
        middleware: guards.operator,
        request: { query: AuditPage },
        responses: { 200: json(z.object({ entries: z.array(AuditEntry) }), "Newest first") },
      }),
      async (c) => c.json({ entries: await audit.list(c.req.valid("query")) }, 200),
    );
