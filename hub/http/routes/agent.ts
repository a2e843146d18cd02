import { createRoute } from "@hono/zod-openapi";
import { Enrolment, EnrolmentRequest, Goodbye } from "#shared/api/hub.ts";
import { clientAddress } from "../client-address.ts";
import { body, createRoutes, json } from "../contract.ts";
import type { HttpParts } from "../parts.ts";

/** What agents ask for over plain HTTP; all else goes over their link. */
export const createAgentRoutes = ({ guards, enrolments, departures, trustedProxies }: HttpParts) =>
  createRoutes()
    .openapi(
      createRoute({
        method: "post",
        path: "/agent/enrol",
        tags: ["agent"],
        summary: "Trade a one-time token and a public key for the identity of a beacon's agent",
        middleware: guards.rate("enrol", { windowMs: 60_000, max: 30 }),
        request: { body: body(EnrolmentRequest) },
        responses: { 200: json(Enrolment, "The identity") },
      }),
      async (c) => {
        const address = clientAddress(c, trustedProxies);
        return c.json(await enrolments.redeem(c.req.valid("json"), address), 200);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/agent/goodbye",
        tags: ["agent"],
        summary: "The beacon is detached: the hub forgets it",
        middleware: guards.rate("goodbye", { windowMs: 60_000, max: 30 }),
        request: { body: body(Goodbye) },
        responses: { 204: { description: "Forgotten" } },
      }),
      async (c) => {
        await departures.goodbye(c.req.valid("json").statement);
        return c.body(null, 204);
      },
    );
